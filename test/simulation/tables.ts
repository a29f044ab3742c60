import { synthesise } from '../../lib/local/assembly.ts';
import { Deployment } from '../../lib/local/deployment.ts';
import { readAssembly } from '../../lib/local/template.ts';

/** The tables and queues of the app's own template, so that the simulation uses no others. */
export async function readDeployment(): Promise<Deployment> {
  return new Deployment(await readAssembly(await synthesise('dev', { bundle: false })), {
    queueEndpoint: 'http://127.0.0.1',
    tablePrefix: '',
  });
}

import { synthesise } from '../../lib/local/assembly.ts';
import { Deployment } from '../../lib/local/deployment.ts';
import { readAssembly } from '../../lib/local/template.ts';

/** What the app's own template says of tables and queues, so that the simulation runs over no others. */
export async function readDeployment(): Promise<Deployment> {
  return new Deployment(await readAssembly(await synthesise('dev', { bundle: false })), {
    queueEndpoint: 'http://127.0.0.1',
    tablePrefix: '',
  });
}

import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../lib/local/http-server.ts';
import type { LocalSystem } from '../../lib/local/start-local.ts';

/** Answers like CloudFormation with the outputs of a stack: the tables of a local system under the names that a deployment gives them. */
export class StackOutputs {
  readonly url: string;
  private readonly server: Server;

  private constructor(url: string, server: Server) {
    this.url = url;
    this.server = server;
  }

  static async of(stackName: string, { tables, secrets }: Pick<LocalSystem, 'tables' | 'secrets'>): Promise<StackOutputs> {
    const outputs = [...[...tables].map(([part, { name }]) => [`${part}TableName`, name]), ['FirstAdminToken', secrets.adminToken]];
    const members = outputs.map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`);
    const server = createServer((request, response) => {
      let asked = '';
      request.on('data', (chunk: Buffer) => {
        asked += chunk.toString();
      });
      request.on('end', () => {
        const known = new URLSearchParams(asked).get('StackName') === stackName;
        response.writeHead(known ? 200 : 400, { 'content-type': 'text/xml' });
        response.end(
          known
            ? `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>${stackName}</StackName><CreationTime>2026-11-26T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
            : `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${new URLSearchParams(asked).get('StackName')} does not exist</Message></Error></ErrorResponse>`,
        );
      });
    });
    return new StackOutputs(`http://127.0.0.1:${await listen(server, 0)}`, server);
  }

  stop(): Promise<void> {
    return closeServer(this.server, 0);
  }
}

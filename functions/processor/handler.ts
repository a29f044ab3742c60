import { createProcessor } from './dependencies.ts';
import { createBatchServer } from './serve-batch.ts';

export const handler = createBatchServer(createProcessor());

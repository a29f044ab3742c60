import { TestEnvironment } from 'jest-environment-node';
import { sharedSystem } from './shared-system.ts';

/** Each test file has its own modules, so what the files share must be outside of these. */
export default class StackEnvironment extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    this.global['sharedSystem'] = sharedSystem;
  }
}

import { TestEnvironment } from 'jest-environment-node';
import { sharedSystem } from './shared-system.ts';

/** Test files have modules of their own each; what they share is outside of them. */
export default class StackEnvironment extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    this.global['sharedSystem'] = sharedSystem;
  }
}

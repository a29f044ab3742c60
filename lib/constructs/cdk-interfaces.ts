import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FunctionBase, type IFunction, type IVersion, Version } from 'aws-cdk-lib/aws-lambda';

/*
 * CDK's classes implement its interfaces, but declare some optional members in a way that `exactOptionalPropertyTypes` takes for another
 * type. These functions check the class and return it as the interface.
 */

const isFunction = (construct: object): construct is IFunction => construct instanceof FunctionBase;
const isVersion = (construct: object): construct is IVersion => construct instanceof Version;
const isVpc = (construct: object): construct is IVpc => construct instanceof Vpc;

/** @throws TypeError when the construct is no Lambda function. */
export function functionOf(construct: object): IFunction {
  if (isFunction(construct)) return construct;
  throw new TypeError('not a function');
}

/** @throws TypeError when the construct is no version of a Lambda function. */
export function versionOf(construct: object): IVersion {
  if (isVersion(construct)) return construct;
  throw new TypeError('not a version');
}

/** @throws TypeError when the construct is no VPC. */
export function vpcOf(construct: object): IVpc {
  if (isVpc(construct)) return construct;
  throw new TypeError('not a VPC');
}

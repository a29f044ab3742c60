import { beforeAll, describe, expect, test } from '@jest/globals';
import { bars, costOf, measureUnits, type Units } from '../bench/units.ts';

// Amazon's own emulator charges two units for an index entry that a transaction writes; AWS and the fast emulator charge one. The bars are
// those of AWS.
const describeByAwsRules = process.env['DYNAMODB_ENDPOINT'] === undefined ? describe : describe.skip;

describeByAwsRules('an approved postback that is settled and delivered', () => {
  let units: Units;
  beforeAll(async () => {
    units = await measureUnits(10, 40);
  }, 120_000);

  test('costs no more write units for its receipt than the bar', () => {
    expect(units.legs.receive.writeUnits).toBeGreaterThanOrEqual(4);
    expect(units.legs.receive.writeUnits).toBeLessThanOrEqual(bars.receiveWriteUnits);
  });

  test('costs no more write units in total, including indexes', () => {
    // The log entry, the conversion, the ledger entry and the delivery cannot cost less.
    expect(units.writeUnits).toBeGreaterThanOrEqual(8);
    expect(units.writeUnits).toBeLessThanOrEqual(bars.writeUnits);
  });

  test('costs no more read units', () => {
    expect(units.readUnits).toBeGreaterThanOrEqual(0.5);
    expect(units.readUnits).toBeLessThanOrEqual(bars.readUnits);
  });

  test('needs no more calls', () => {
    const { receive, settle, forward } = units.legs;
    // The receiver sometimes records that a key was used.
    expect(receive.calls).toBeLessThan(3.2);
    expect(settle.calls).toBeCloseTo(1.2);
    // How many deliveries end together depends on the machine, but some do.
    expect(forward.calls).toBeGreaterThanOrEqual(0.2);
    expect(forward.calls).toBeLessThan(1);
  });

  test('costs no more requests to SQS', () => {
    expect(units.sqsRequests).toBeGreaterThan(1);
    expect(units.sqsRequests).toBeLessThanOrEqual(bars.sqsRequests);
  });

  test('costs no more dollars per million', () => {
    const { parts, dollars } = costOf(units);
    for (const part of parts) expect(part.dollars).toBeGreaterThan(0);
    expect(dollars).toBeLessThanOrEqual(bars.dollarsPerMillion);
  });
});

describeByAwsRules('an approved postback at a trickle, when every message is a batch of its own', () => {
  let units: Units;
  beforeAll(async () => {
    units = await measureUnits(1, 20);
  }, 120_000);

  test('is delivered by the settlement itself, so it needs half of the requests to SQS and one invocation less', () => {
    expect(units.legs.forward).toEqual({ writeUnits: 0, readUnits: 0, sqsRequests: 0, calls: 0, invocations: 0 });
    expect(units.sqsRequests).toBe(3);
    expect(units.invocations).toBe(2);
  });

  test('costs no more dollars per million', () => {
    expect(costOf(units).dollars).toBeLessThanOrEqual(bars.dollarsPerMillionAlone);
  });
});

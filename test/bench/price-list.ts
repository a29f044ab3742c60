/**
 * AWS's prices in dollars; prices are nowhere else. On demand, us-east-1, without free tiers, as published in November 2026; other regions
 * are up to about 20% more expensive (aws.amazon.com/<service>/pricing).
 */
export const priceList = {
  region: 'us-east-1',
  dynamodb: { writeUnits: 0.625 / 1e6, readUnits: 0.125 / 1e6, gigabyteMonth: 0.25 },
  sqs: { requests: 0.4 / 1e6 },
  httpApi: { requests: 1.0 / 1e6 },
  lambda: { requests: 0.2 / 1e6, arm64GigabyteSecond: 0.0000133334 },
  logs: { gigabyte: 0.5 },
} as const;

/**
 * ISO 4217 codes in which money can be paid, by the decimals of their minor unit.
 * Metals, test codes and units of account (XAU, XTS, XXX, XDR) are left out, since no partner pays in them.
 * BGN was removed from ISO 4217 in 2026, but stays here because reversals name the currency of their original, months later.
 */
const codesByMinorUnits: readonly (readonly [decimals: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE ' +
      'CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT ' +
      'LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN ' +
      'QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS ' +
      'VED VES WST XCD XCG YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const minorUnitsByCode: ReadonlyMap<string, number> = new Map(
  codesByMinorUnits.flatMap(([decimals, codes]) => codes.split(' ').map((code) => [code, decimals] as const)),
);

/** The ISO 4217 code in a text, in any case (contract 1.2). Letters beyond ASCII do not count, even if their capitals would (`uſd`). */
export function currencyOf(text: string): string | undefined {
  const code = /^[a-z]{3}$/i.test(text) ? text.toUpperCase() : '';
  return minorUnitsByCode.has(code) ? code : undefined;
}

/** Decimals of the currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. An unknown code has two, like most. */
export function minorUnits(code: string): number {
  return minorUnitsByCode.get(code) ?? 2;
}

/** What a rule can ask about in addition to the parameters of a postback (contract 2.1). */
export const knownFields = [
  'click_age_seconds',
  'click_country',
  'postback_country',
  'country_mismatch',
  'click_ip',
  'postback_ip',
  'ip_mismatch',
  'user_conversions_today',
  'offer_payout_ratio',
] as const;

/** Words that people write before an id when they quote one. */
const labels =
  /^(?:user|users?_?id|click_?id|clickid|click|transaction|transaction_?id|txn|tx|conversion|conversion_?id|delivery|delivery_?id|webhook-id|log|log_?id|partner|publisher|id|https?|the|and|of|for|was|not|paid|why|postback|status|approved|payout)$/i;
/** A text with more ids than this is a file, not a question. */
const mostIds = 6;

/**
 * The ids that a person may have meant by a pasted text, which may be an id alone, a sentence with ids in it, or a whole URL. Keys are left
 * out: they are secret, and nothing is found by them.
 */
export function idsIn(text: string): readonly string[] {
  const plain = withoutKeys(text).trim();
  const parts = plain.split(/[\s,;"'<>()&?#/]+/).flatMap((part) => {
    // A name without a value is no id.
    if (part.endsWith('=')) return [];
    const [name = '', ...value] = part.split(/[=:](?=.)/);
    return value.length === 0 ? [name] : value;
  });
  const ids = parts.map((part) => decoded(part).replace(/[.:=]+$/, '')).filter((part) => part.length > 1 && !labels.test(part));
  const isOne = !/[\s?&]/.test(plain) && plain.length <= 200;
  return [...new Set(isOne ? [plain] : ids)].filter((id) => id !== '').slice(0, mostIds);
}

/** The text without any key, whether it is in a postback URL or alone. */
export function withoutKeys(text: string): string {
  return text.replace(/(\/postback\/)[^/?\s]+/g, '$1').replace(/(^|[\s=])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32}(?=$|[\s&])/g, '$1');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

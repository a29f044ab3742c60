import { deliveryFieldNames, deliveryMacros } from '../../../../domain/delivery/fields.ts';

/** Every macro that a URL may use, from the table that also fills them. */
export function MacroHelper() {
  const synonyms = (field: string) => [...deliveryMacros].flatMap(([name, target]) => (target === field && name !== field ? [name] : []));
  return (
    <details class="more">
      <summary>Macros for the URL</summary>
      <p class="muted">
        Values are percent-encoded; <code>{'{_name}'}</code> inserts one raw, and <code>{'{status:approved=1 rejected=0}'}</code> says words
        otherwise. Amounts are the publisher's; what is taken back is negative.
      </p>
      <dl class="macros">
        {deliveryFieldNames.map((field) => (
          <div key={field}>
            <dt>
              <code>{`{${field}}`}</code>
            </dt>
            <dd class="muted">
              {synonyms(field).length > 0 &&
                `also ${synonyms(field)
                  .map((name) => `{${name}}`)
                  .join(' ')}`}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

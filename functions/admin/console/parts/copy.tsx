import { useRef, useState } from 'preact/hooks';

const shownMilliseconds = 2_000;

/** A text to take along: selected on focus, copied with the button. */
export function Copyable({ label, text }: { readonly label: string; readonly text: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), shownMilliseconds);
    } catch {
      // Without permission the text is selected, ready for Ctrl+C.
      field.current?.focus();
    }
  };
  return (
    <div class="copyable">
      <textarea
        ref={field}
        aria-label={label}
        readOnly
        rows={Math.min(5, Math.max(1, Math.ceil(text.length / 60)))}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" onClick={() => void copy()} aria-label={`Copy ${label}`}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

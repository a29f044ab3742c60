import { useRef, useState } from 'preact/hooks';
import { visible } from '../core/visible.ts';

const shownMilliseconds = 2_000;

/** Copies a text and shows that for a moment. @param instead called when the browser does not permit it. */
function useCopy(text: string, instead: () => void) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), shownMilliseconds);
    } catch {
      instead();
    }
  };
  return { copied, copy: () => void copy() };
}

/** A small button beside an id. */
export function CopyButton({ text }: { readonly text: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const { copied, copy } = useCopy(text, () => {
    // Without permission, the text is selected so that Ctrl+C copies it.
    const id = button.current?.previousElementSibling;
    if (id) getSelection()?.selectAllChildren(id);
  });
  return (
    <button ref={button} type="button" class="copy" aria-label={copied ? 'Copied' : `Copy ${visible(text)}`} title="Copy" onClick={copy}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {copied ? <path d="M3 8.5 6.5 12 13 4.5" /> : <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />}
      </svg>
    </button>
  );
}

/** A text to copy: it is selected on focus, and a button copies it. */
export function Copyable({ label, text }: { readonly label: string; readonly text: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { copied, copy } = useCopy(text, () => field.current?.focus());
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
      <button type="button" onClick={copy} aria-label={`Copy ${label}`}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

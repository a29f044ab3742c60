import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useRef, useState } from 'preact/hooks';

const shownMilliseconds = 6_000;

const ToastContext = createContext<(message: string) => void>(() => undefined);

/** Shows briefly that something is done; screen readers announce it too. */
export function useToast(): (message: string) => void {
  return useContext(ToastContext);
}

export function Toasts({ children }: { readonly children: ComponentChildren }) {
  const [messages, setMessages] = useState<readonly { readonly id: number; readonly text: string }[]>([]);
  const last = useRef(0);
  const say = useCallback((text: string) => {
    last.current += 1;
    const id = last.current;
    setMessages((before) => [...before, { id, text }]);
    setTimeout(() => setMessages((before) => before.filter((message) => message.id !== id)), shownMilliseconds);
  }, []);
  return (
    <ToastContext.Provider value={say}>
      {children}
      <div class="toasts" role="status" aria-live="polite">
        {messages.map(({ id, text }) => (
          <p key={id} class="toast">
            {text}
          </p>
        ))}
      </div>
    </ToastContext.Provider>
  );
}

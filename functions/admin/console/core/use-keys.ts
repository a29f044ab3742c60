import { useLayoutEffect } from 'preact/hooks';

/**
 * Listens to keys that are pressed alone while nobody is typing. It listens from the moment on which the page shows what the keys act on:
 * an ordinary effect waits for the browser to have drawn, and until then a key would act on what was shown before.
 *
 * @param listen must stay the same function while the keys mean the same.
 */
export function useKeys(listen: (event: KeyboardEvent) => void): void {
  useLayoutEffect(() => {
    const listenUnlessTyping = (event: KeyboardEvent) => {
      const { target, ctrlKey, metaKey, altKey } = event;
      const typing = target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null;
      if (!typing && !ctrlKey && !metaKey && !altKey) listen(event);
    };
    addEventListener('keydown', listenUnlessTyping);
    return () => removeEventListener('keydown', listenUnlessTyping);
  }, [listen]);
}

import { useState } from 'preact/hooks';
import { useSession } from '../../core/session.tsx';
import { Form, type FormProps } from '../../parts/form.tsx';
import { useToast } from '../../parts/toasts.tsx';
import { Warnings } from './secret-shown.tsx';

interface SettingsFormProps extends Pick<FormProps, 'fields' | 'initial'> {
  /** What is sent of what was entered. @default all of it */
  readonly bodyOf?: (entered: Readonly<Record<string, unknown>>) => object;
  /** @default 'Settings' */
  readonly label?: string;
  /** Path of the setting in the API. */
  readonly at: string;
  /** When it was last changed: the form begins again with what is stored by then. */
  readonly changed: string;
  /** What is said once it is saved. */
  readonly saved: string;
  readonly onSaved: () => void;
}

/** Changes a setting, and shows what was saved and may not be meant. */
export function SettingsForm({ label = 'Settings', at, changed, saved, onSaved, bodyOf, ...form }: SettingsFormProps) {
  const { api } = useSession();
  const say = useToast();
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  return (
    <>
      <Warnings of={warnings} />
      <Form
        {...form}
        key={changed}
        label={label}
        change
        submit="Save"
        onSubmit={async (body) => {
          setWarnings((await api.patch<{ warnings: readonly string[] }>(at, bodyOf?.(body) ?? body)).warnings);
          say(saved);
          onSaved();
        }}
      />
    </>
  );
}

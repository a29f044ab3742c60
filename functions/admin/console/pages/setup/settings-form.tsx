import { useState } from 'preact/hooks';
import { useSession } from '../../core/session.tsx';
import { Form, type FormProps } from '../../parts/form.tsx';
import { useToast } from '../../parts/toasts.tsx';
import { Warnings } from './secret-shown.tsx';

interface SettingsFormProps extends Pick<FormProps, 'fields' | 'initial'> {
  /** Turns what was entered into the body that is sent. @default everything that was entered */
  readonly bodyOf?: (entered: Readonly<Record<string, unknown>>) => object;
  /** @default 'Settings' */
  readonly label?: string;
  /** Path of the setting in the API. */
  readonly at: string;
  /** When the setting was last changed: the form starts again from what is stored after that. */
  readonly changed: string;
  /** The message after saving. */
  readonly saved: string;
  readonly onSaved: () => void;
}

/** A form that changes a setting. After saving it shows warnings about values that may not be meant. */
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

import { TextInput } from "@mantine/core";

import classes from "./FilterField.module.css";

interface FilterFieldProps {
  label: string;
  value: string;
  onChange: (filter: string) => void;
  /** Why PingOne does not take it. */
  error?: string | undefined;
  required?: boolean;
}

const EXAMPLES = ['email ew "@example.com"', 'username sw "test-"', "enabled eq false"];

/** A SCIM filter, with examples to begin with. PingOne alone knows whether it can be used. */
export function FilterField({ label, value, onChange, error, required = false }: FilterFieldProps) {
  return (
    <div className={classes.field}>
      <TextInput
        label={label}
        description="In SCIM’s notation, as PingOne takes it: attribute, operator, value; joined by “and” or “or”."
        placeholder={EXAMPLES[0]}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        required={required}
        withAsterisk={false}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        classNames={{ input: classes.input }}
      />
      <p className={classes.examples}>
        <span>Examples:</span>
        {EXAMPLES.map((example) => (
          <button key={example} type="button" onClick={() => onChange(example)} aria-label={`Use the filter ${example}`}>
            <code>{example}</code>
          </button>
        ))}
      </p>
    </div>
  );
}

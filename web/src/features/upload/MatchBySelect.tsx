import { Select } from "@mantine/core";

import type { MatchBy } from "../../api/types";

interface MatchBySelectProps {
  value: MatchBy;
  onChange: (value: MatchBy) => void;
}

const choices: { value: MatchBy; label: string }[] = [
  { value: "username", label: "Username" },
  { value: "email", label: "E-mail address" },
  { value: "external_id", label: "External id (externalId)" },
  { value: "id", label: "PingOne’s id (id or userId)" },
];

/** Which column says whose row it is. */
export function MatchBySelect({ value, onChange }: MatchBySelectProps) {
  return (
    <Select
      label="Match users by"
      description="The column that says which user a row is about. When several users match, the row fails and none of them is touched."
      data={choices}
      value={value}
      onChange={(chosen) => chosen && onChange(chosen)}
      allowDeselect={false}
      maw={480}
    />
  );
}

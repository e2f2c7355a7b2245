import { expect, test } from "vitest";

import type { Job } from "../../api/types";
import type { JobView } from "../job/jobView";
import { stateText } from "./stateText";
import { withCurrent } from "./withCurrent";

const listed = ["one", "two"].map((id) => ({ id, kind: "import", status: "running", total: 10, processed: 2 })) as unknown as Job[];

test("the job that is looked at is as far in the list as on its page, and the others are as they were", () => {
  const counts = { processed: 7, total: 10, seq: 9, received: 1, status: "running" };
  const current = { job: listed[1], counts, status: "paused" } as unknown as JobView;
  const shown = withCurrent(listed, current);
  expect(shown.map(({ status }) => status)).toEqual(["running", "paused"]);
  expect(shown.map(stateText)).toEqual(["20 % of 10 rows", "70 % of 10 rows"]);
  expect(withCurrent(listed, undefined)).toEqual(listed);
});

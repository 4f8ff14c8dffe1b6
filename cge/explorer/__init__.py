"""Ask and see, live: a page on an economy or a run file, served to one person on this machine.

A question of the page becomes a run file, the run file is read and solved as `cge run` does, and the answer is what `cge run` would write. All
addresses lie below a token:

    GET  /<token>/            the page (`page`), with a content policy of its own
    GET  /<token>/world       labels, groups, models, sets of elasticities, the map, the first question (`world.world`)
    WS   /<token>/ask         a session: messages (`messages`), each with a serial that its replies bear
    POST /<token>/file/NAME   run.toml, report.html, welfare.csv, all.zip of the question in the body (`files`)

Messages: `ask` (solve; a newer one ends what stands before it), `range`, `draws`, `best`, `war` (in the background), `detail` (one country of the
last answer), `stop`. Replies: `ready`, `answer` (`outcome`: solved, refused, invalid), `range`, `progress`, `draws`, `best`, `war`, `detail`,
`dropped` (no longer wanted), `error` (the process of the session ended; another takes its place).

The server (`server`, `guard`) does not solve: a session has a process (`processes`, `worker`) that looks for newer messages at every step of a solve
(`inbox`). One that does not leave what is no longer wanted is ended as soon as another is prepared.
"""

"""Collecting a class's notebooks and grading their exercises.

Three processes, and what one does not know it cannot give away. The student's, in a sandbox,
runs the set-up and the exercises of one notebook and calls the student's functions on the cases
that it is given; it gives back plain data. The judge's, one for each notebook, reads the
notebook, draws the cases, holds the answers and compares; it has limits, because all that it
looks at was made by a student. The teacher's only fetches bytes and reads short verdicts. A
pass means right outputs, whatever the notebook says of itself.

`submissions` finds what was handed in, `collecting` has it judged and keeps what came of it,
`results` and `reporting` say what that is and write it down. `judge` is the second process:
`notebook` reads, `lessons` says where exercises are, `grading` compares. `watching` looks after
the third, with `running`, `meter`, `groups` and `sandbox`; `child` is it, `seccomp` its last
limit, `cells`, `magics` and `needs` choose what is run, `harness` and `plain` are what goes
in and comes out.

What this does not protect against:

- An answer that calls the library. The library is the reference, and students import it: who
  returns ``center_crop(x, size)`` for the crop gives right outputs and passes. The result gets
  a note that names what was used.
- An answer from a neighbour, a forum, a language model or the solutions that come with the
  course: right outputs are all that is judged. Values that every student shares (lesson 05's
  crops, 07's shapes, 15's diagnoses) can be copied by hand.
- A hole in the kernel or in bubblewrap. Students' code runs on your machine: keep it up to
  date, or collect on one that holds nothing of worth.
- Slowness: a student who uses up the time costs a minute of a processor, and what one takes
  the others wait for. Their own time is not shortened by it: waiting for a processor does not
  count.
- Memory that belongs to no process, where there is neither a control group for it (others than
  root rarely may make one) nor a filter (it knows x86 and ARM, 64 bits).
"""

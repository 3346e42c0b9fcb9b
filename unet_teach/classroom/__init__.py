"""Collecting a class's notebooks and grading their exercises.

Two processes, and what one does not know it cannot give away. The teacher's draws the cases,
holds the answers, and compares. The student's, in a sandbox, runs the set-up and the exercises
of one notebook and calls the student's functions on those cases; it gives back plain data.
A pass means right outputs, whatever the notebook says of itself.

`submissions` finds and reads notebooks, `lessons` says where exercises stand in them, `cells`
chooses what is run; `sandbox` and `running` hold a student's process, `child` is it, `props`
and `plain` are what goes in and comes out; `grading` compares, `collecting` does it for a
class, `reporting` writes it down.

What this does not protect against:

- An answer that calls the library. The library is the reference, and students import it: who
  returns ``center_crop(x, size)`` for the crop gives right outputs and passes. The result gets
  a note that names what was used.
- An answer from a neighbour, a forum, a language model or the solutions that come with the
  course: right outputs are all that is judged. Values that every student shares (lesson 05's
  crops, 07's shapes, 15's diagnoses) can be copied by hand.
- A hole in the kernel or in bubblewrap. Students' code runs on your machine: keep it up to
  date, or collect on one that holds nothing of worth.
- Slowness: a student who uses up the time costs a minute, and what one takes from the
  processor the others wait for.
"""

/*
 * Job: work that takes long, done in slices.
 *
 * A job is a struct that begins with Job.  Whoever runs it calls job_step until it returns false,
 * then reads the result from the struct, and frees it; freeing it earlier stops the work.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "capture/language.h"

typedef struct Job Job;

typedef struct {
  const char *name; /* "searching": what it does, for people */
  /* Works until then, a monotonic time; true while there is more to do. */
  bool (*step)(Job *job, int64_t until_us);
  /* How much of it is done, from 0 to 1. */
  double (*progress)(const Job *job);
  void (*free)(Job *job);
} JobOps;

struct Job {
  const JobOps *ops;
};

static inline bool job_step(Job *job, int64_t until_us)
{
  return job->ops->step(job, until_us);
}

static inline double job_progress(const Job *job)
{
  return job->ops->progress(job);
}

static inline const char *job_name(const Job *job)
{
  return _(job->ops->name);
}

/* NULL is allowed. */
static inline void job_free(Job *job)
{
  if (job)
    job->ops->free(job);
}

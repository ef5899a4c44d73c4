/*
 * Setup: what an input is read with, the first time (Pipeline) and again (FramePicker), so that
 * both decode it in the same way.
 */
#pragma once

#include "capture/source.h"
#include "dissect/trace/trace.h"

typedef struct {
  Source *source;
  StoreSet *stores;     /* of the source */
  const Limits *limits; /* copied by whoever is given a setup */
  bool wants_rtcp;      /* Batch.rtcp is filled */
  bool is_confined;     /* the threads that read and parse are (capture/confine.h) */
  unsigned parsers;     /* threads that do nothing but parse, at most: see parsers_wanted */
} Setup;

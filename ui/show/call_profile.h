/*
 * CallProfile: what is compared of a call: its outcome, its path, the request that decided the
 * outcome and the response to it, its messages as the caller saw them, delays and streams.
 *
 * It holds copies of all it needs, so the two calls may be of different captures.  Texts are not
 * safe for a terminal.
 */
#pragma once

#include "dissect/diagnose/diagnosis.h"
#include "ui/show/alias.h"

enum { PROFILE_HOPS_MAX = 16, PROFILE_STEPS_MAX = 200, PROFILE_STREAMS_MAX = 8 };

/* A message between the caller and the hop next to it; copies are left out. */
typedef struct {
  Slice label; /* "INVITE", "180 Ringing" */
  bool from_caller;
  uint16_t status; /* 0: a request */
  uint32_t message;
  int64_t time_ns;
} ProfileStep;

/* The stream with the most packets of one kind of media and one direction. */
typedef struct {
  const char *kind; /* "audio" */
  bool from_caller;
  const char *codec; /* NULL: not known */
  uint64_t packets;
  double loss_percent;
  bool has_mos;
  double mos;
  uint32_t number;
} ProfileStream;

typedef struct {
  uint32_t number; /* 0: it could not be read again */
  SipMsg sip;
} ProfileMessage;

typedef struct {
  FindingId id;
  FindingSeverity severity;
} ProfileFinding;

typedef enum {
  PROFILE_PDD,
  PROFILE_SETUP,
  PROFILE_REFUSAL,
  PROFILE_HANG_UP, /* BYE to its 2xx */
  PROFILE_DELAYS,
} ProfileDelay;

typedef struct {
  Arena arena;
  uint32_t number;
  Slice call_id, from, to;
  int64_t start_ns;
  Outcome outcome;
  const char *outcome_name; /* NULL: not known */
  const char *result;       /* call_result_name */
  const char *sentence;     /* Diagnosis.sentence */
  unsigned status;
  ProfileFinding *findings; /* each kind once, the worst first */
  size_t finding_count;

  Slice hops[PROFILE_HOPS_MAX]; /* names or addresses, from the caller on */
  size_t hop_count;
  Transport transport; /* of the first hop */
  ProfileMessage request, response;
  ProfileStep *steps;
  size_t step_count;
  int64_t delays_ns[PROFILE_DELAYS]; /* -1: none */
  uint32_t retransmissions;
  ProfileStream streams[PROFILE_STREAMS_MAX];
  size_t stream_count;
} CallProfile;

CallProfile *call_profile_new(const Diagnoser *diagnoser, const Call *call, const Aliases *aliases);
void call_profile_free(CallProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallProfile, call_profile_free)

bool call_profile_has_finding(const CallProfile *profile, FindingId id);

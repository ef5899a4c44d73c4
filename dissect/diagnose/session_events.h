/*
 * SessionEvents: the course of a call's session: offers and answers (RFC 3264, 3262, 3311, 6337),
 * hold, early media, session timers (RFC 4028) and requests that crossed.
 *
 * On the hop of the caller, and of other hops what their descriptions add.  In order of time;
 * texts are in the arena.
 */
#pragma once

#include "dissect/diagnose/call_case.h"

/* clang-format off */
/* X-macro: names as in JSON. */
#define SESSION_EVENTS(X)                                                                          \
  X(OFFER, "offer")                                                                                \
  X(ANSWER, "answer")                                                                              \
  X(CONNECT, "connect")         /* media over TCP: who connects, and who listens */                \
  X(REFUSED, "refused")         /* an offer; the session went on as before */                      \
  X(HOLD, "hold")               /* the side that offers it sends nothing, or music */              \
  X(RESUME, "resume")                                                                              \
  X(EARLY_MEDIA, "early-media") /* RTP to the caller before the 2xx */                             \
  X(TIMER, "timer")                                                                                \
  X(REFRESH, "refresh")                                                                            \
  X(LAPSE, "lapse")             /* a session timer ran out */                                      \
  X(GLARE, "glare")             /* 491 */
/* clang-format on */

typedef enum {
#define SESSION_EVENT_ENUM(id, name) SESSION_EVENT_##id,
  SESSION_EVENTS(SESSION_EVENT_ENUM)
#undef SESSION_EVENT_ENUM
} SessionEventKind;

const char *session_event_name(SessionEventKind kind);

typedef struct {
  int64_t time_ns;
  SessionEventKind kind;
  uint32_t by;      /* trace_endpoint of who did it */
  uint32_t message; /* 0: it is about a stream, or about what did not come */
  uint32_t stream;  /* 0: none */
  const char *text; /* quotes what peers sent: not safe for a terminal */
} SessionEvent;

enum { SESSION_EVENTS_MAX = 256 };

typedef struct {
  SessionEvent *items;
  size_t count;
  uint32_t left_out;
  bool is_plain; /* one offer and its answer: nothing that has to be said */
} SessionEvents;

/* Of which sessions. */
typedef enum {
  SESSIONS_UNUSUAL, /* not of plain ones: most calls have one */
  SESSIONS_ALL,
  SESSIONS_NONE,
} SessionsWanted;

/* Of a call that an INVITE began. */
void session_events_find(CallCase *c, SessionsWanted wanted, SessionEvents *ret_events);

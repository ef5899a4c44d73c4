/*
 * Copiers: the servers and probes that copied messages, to HEP or into a database.  One is a host
 * that sends copies, with the id and the name that it gives itself; a probe of a database has a
 * name alone.
 *
 * Numbers count from 1; those beyond the limit share the last one.
 *
 * Their clocks differ.  A request that two of them see passes them in one order and its response in
 * the other: the mean of both differences is without the way between them, as long as that takes
 * the same time forth and back (RFC 5905 8).
 */
#pragma once

#include "dissect/net/hep.h"

enum {
  COPIERS_MAX = 1024,
  COPIER_NAME_MAX = 64, /* bytes of the name that are kept */
  COPIER_SAMPLES = 63,  /* of its clock: the newest */
};

typedef struct CopierSamples CopierSamples;

typedef struct {
  Endpoint host;     /* without a port; family ADDRESS_NONE: a probe of a database */
  uint32_t agent;    /* HepPacket.agent */
  Slice node;        /* may be empty */
  uint64_t messages; /* that it copied, and lines of logs */
  int64_t last_ns;   /* when the newest of them came */
  int64_t since_ns;  /* `recent` came since then: for copier_rate */
  uint64_t recent;
  double rate;            /* messages per second, before since_ns */
  bool is_others;         /* all those beyond the limit, counted as one */
  CopierSamples *samples; /* of its clock: private */
} Copier;

/* How far a clock is ahead of another one. */
typedef struct {
  const Copier *other;
  int64_t ahead_ns;  /* median of the samples; negative: that clock is behind */
  int64_t spread_ns; /* half of the samples differ from the median by at most this */
  unsigned samples;
} CopierClock;

static inline bool copier_is_probe(const Copier *copier)
{
  return copier->host.family == ADDRESS_NONE && !copier->is_others;
}

typedef struct Copiers Copiers;

Copiers *copiers_new(void);
void copiers_free(Copiers *copiers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Copiers, copiers_free)

/* The number of who sent that copy, which came at that time. */
uint16_t copiers_number(Copiers *copiers, const HepPacket *copy, int64_t time_ns);

/* Messages per second, of about the last 10 s before that time. */
double copier_rate(const Copier *copier, int64_t now_ns);

/* How many there are, without the last one. */
size_t copiers_count(const Copiers *copiers);

const Copier *copiers_at(const Copiers *copiers, uint16_t number);

/* The clock of `number` was seen to be ahead of the other's by that much.  The later of two is
 * compared with the earlier one, and with no third. */
void copiers_note_clock(Copiers *copiers, uint16_t number, uint16_t other, int64_t ahead_ns);

/* False while nothing is known of it. */
bool copier_clock(const Copier *copier, CopierClock *ret_clock);

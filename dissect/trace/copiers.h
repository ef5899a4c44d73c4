/*
 * Copiers: the servers and probes that copied messages to HEP.  One is a host that sends copies,
 * with the id and the name that it gives itself.
 *
 * Numbers count from 1; those beyond the limit share the last one.
 */
#pragma once

#include "dissect/net/hep.h"

enum {
  COPIERS_MAX = 1024,
  COPIER_NAME_MAX = 64, /* bytes of the name that are kept */
};

typedef struct {
  Endpoint host;     /* without a port */
  uint32_t agent;    /* HepPacket.agent */
  Slice node;        /* may be empty */
  uint64_t messages; /* that it copied, and lines of logs */
  int64_t last_ns;   /* when the newest of them came */
  int64_t since_ns;  /* `recent` came since then: for copier_rate */
  uint64_t recent;
  double rate;    /* messages per second, before since_ns */
  bool is_others; /* all those beyond the limit, counted as one */
} Copier;

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

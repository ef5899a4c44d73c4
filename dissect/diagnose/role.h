/*
 * Role: what an endpoint was in a call, as far as the capture shows it (RFC 3261 6): by who sent
 * the request that began the call, who forwarded it, and who answered.
 *
 * An endpoint has one role: that of an element which passes requests on goes before that of one
 * which answers.  What is only seen on one side of an element is no evidence against it.
 */
#pragma once

#include "dissect/diagnose/forwarding.h"

/* clang-format off */
/* X-macro: names as in JSON, and as they are shown where there is little room. */
#define ROLES(X)                                                                                   \
  X(SBC, "sbc", "SBC")                                                                             \
  X(ALG, "alg", "ALG")                                                                             \
  X(B2BUA, "b2bua", "B2BUA")                                                                       \
  X(PROXY, "proxy", "proxy")                                                                       \
  X(REDIRECT, "redirect-server", "redirect")                                                       \
  X(REGISTRAR, "registrar", "registrar")                                                           \
  X(UAC, "uac", "UAC")                                                                             \
  X(UAS, "uas", "UAS")
/* clang-format on */

typedef enum {
#define ROLE_ENUM(id, name, label) ROLE_##id,
  ROLES(ROLE_ENUM)
#undef ROLE_ENUM
    ROLE_COUNT, /* not known */
} RoleKind;

/* "proxy" */
const char *role_name(RoleKind kind);
/* "B2BUA" */
const char *role_label(RoleKind kind);

enum { ROLES_MAX = 64, ROLE_EVIDENCE_MAX = 2 };

typedef struct {
  uint32_t endpoint; /* trace_endpoint */
  RoleKind kind;
  const char *why; /* one sentence */
  uint32_t messages[ROLE_EVIDENCE_MAX];
  size_t message_count;
} Role;

/* Of the endpoints of one call, in order of appearance; texts are in the arena. */
typedef struct {
  Role items[ROLES_MAX];
  size_t count;
} RoleList;

void roles_of(const Forwarding *forwarding, Arena *arena, RoleList *ret_roles);

/* NULL if it has none. */
const Role *role_list_find(const RoleList *roles, uint32_t endpoint);

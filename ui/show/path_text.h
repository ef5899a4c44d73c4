/*
 * PathText: the way of a call's messages in words: what its endpoints were, who sent each request
 * on to whom, and what was changed in it.  Texts are not safe.
 */
#pragma once

#include "dissect/diagnose/call_path.h"
#include "dissect/diagnose/role.h"
#include "ui/show/alias.h"

/* Requests below that many others are not listed. */
enum { PATH_DEPTH_MAX = 16 };

/* "192.0.2.1:5060 proxy: forwards the INVITE with ..." */
void path_append_role(const Role *role, const Trace *trace, const Aliases *aliases, GString *to);

/* "message 3: A to B INVITE sip:bob@example.com: 200; adds Record-Route" */
void path_append_hop(const Branch *branch, const Trace *trace, const Aliases *aliases, GString *to);

/* Not a CANCEL or ACK, which belong to another one. */
bool path_is_branch(const Branch *branch);
/* A request that began something at its client, or the next try. */
bool path_is_root(const Branch *branch);
/* Was anything passed on, or sent to the Contact of a 3xx? */
bool path_has_hops(const CallPath *path);

/* Do the roles say more than who called whom? */
bool path_roles_tell(const RoleList *roles);

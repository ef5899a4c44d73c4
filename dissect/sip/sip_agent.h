/* What is known of user agents by their User-Agent (RFC 3261 20.41). */
#pragma once

#include "capture/slice.h"

/* The program that searches for servers, users or passwords whose default User-Agent that is; NULL
 * if it is none. */
const char *sip_agent_scanner(Slice user_agent);

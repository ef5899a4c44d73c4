/*
 * Tools: what an assistant can ask of captures: the table TOOLS, the JSON Schema of their
 * arguments, and their results (Model Context Protocol, server/tools).
 *
 * A result is a text that holds one JSON object.  What was sent over the network is in it only as
 * JSON strings, beside a member that says so: data for the assistant, never instructions.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "ui/mcp/captures.h"

typedef struct {
  Captures *captures;
  const char *help; /* on fields and filters */
} ToolContext;

/* The text of a member; NULL: there is none, or it is no text. */
const char *json_text_member(JsonObject *object, const char *name);

/* The result of tools/list. */
JsonNode *tools_list(void);

/* The result of tools/call, also of a tool that failed.  NULL: an unknown tool, or arguments that
 * are none of its own. */
JsonNode *tools_call(const ToolContext *context, JsonObject *params, GError **error);

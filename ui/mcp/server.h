/*
 * McpServer: the Model Context Protocol (2024-11-05 to 2025-06-18) without its transport: a line of
 * JSON-RPC 2.0 in, a line out.
 *
 * Lines are hostile: what is no JSON of RFC 8259 in UTF-8, is nested too deeply or is longer than
 * MCP_LINE_MAX is answered by an error and goes no further.
 */
#pragma once

#include "ui/mcp/captures.h"

enum { MCP_LINE_MAX = 1024 * 1024 };

typedef struct McpServer McpServer;

/* Was it built with json-glib? */
bool mcp_server_is_there(void);

/* Takes the captures over.  `version` is that of the program, `help` explains fields and filters;
 * both are copied. */
McpServer *mcp_server_new(Captures *captures, const char *version, const char *help);
void mcp_server_free(McpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpServer, mcp_server_free)

/* Appends the answer and the end of its line; nothing for a notification. */
void mcp_server_answer(McpServer *server, Slice line, GString *reply);

/* The same for a line that was too long, of which nothing is known. */
void mcp_server_refuse_line(GString *reply);

/* Without json-glib. */
#include "ui/mcp/server.h"

bool mcp_server_is_there(void)
{
  return false;
}

McpServer *mcp_server_new(Captures *captures, const char *version, const char *help)
{
  (void) captures;
  (void) version;
  (void) help;
  g_assert_not_reached();
}

void mcp_server_free(McpServer *server)
{
  (void) server;
}

void mcp_server_answer(McpServer *server, Slice line, GString *reply)
{
  (void) server;
  (void) line;
  (void) reply;
}

void mcp_server_refuse_line(GString *reply)
{
  (void) reply;
}

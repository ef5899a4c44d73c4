/* `mcp`: the reports for assistants, over standard input and output. */
#include <errno.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/configuration.h"
#include "ui/help.h"
#include "ui/mcp/server.h"
#include "ui/session.h"

const Subcommand MCP_SUBCOMMAND = {
  .name = "mcp",
  .help = N_("answer assistants over stdin and stdout (Model Context Protocol)"),
  .more =
    N_("The tools open, calls, explain, flow, messages, show, streams, stats and registrations\n"
       "read captures in the folders that are named and below them, and nothing else: nothing\n"
       "is written, and nothing is sent. Of a symbolic link counts where it leads to. At most\n"
       "4 captures are open; each may use a quarter of the limits on memory and disk. The\n"
       "configuration is not used. Ends when standard input does."),
  .takes = TAKES_FOLDERS,
};

/* Lines of standard input. */
typedef struct {
  char *buffer;
  size_t start, end; /* of what was read and not taken */
  bool skips;        /* the rest of a line that was too long */
} Lines;

enum { ROOM = MCP_LINE_MAX + 1 };

static bool read_more(Lines *lines)
{
  ssize_t len;

  if (lines->start > 0) {
    memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
  }
  do
    len = read(STDIN_FILENO, lines->buffer + lines->end, ROOM - lines->end);
  while (len < 0 && errno == EINTR);
  lines->end += len > 0 ? (size_t) len : 0;
  return len > 0;
}

/* Answers the lines that are whole; at the end of the input also the last one without an end. */
static void answer_lines(Lines *lines, McpServer *server, bool is_end, GString *reply)
{
  while (lines->start < lines->end) {
    Slice rest = slice_of(lines->buffer + lines->start, lines->end - lines->start);
    size_t len = slice_find(rest, '\n');

    if (len == rest.len && len < ROOM && !is_end)
      return;
    if (len == ROOM) {
      if (!lines->skips)
        mcp_server_refuse_line(reply);
      lines->skips = true;
    } else {
      if (!lines->skips)
        mcp_server_answer(server, slice_head(rest, len), reply);
      lines->skips = false;
    }
    lines->start += MIN(len + 1, rest.len);
  }
}

static bool serve(McpServer *server, GError **error)
{
  Lines lines = {.buffer = g_malloc(ROOM)};
  g_autoptr(GString) reply = g_string_new(NULL);
  bool is_end = false;
  Out out;

  out_init(&out, STDOUT_FILENO, _("standard output"));
  while (!is_end && !out_is_over(&out)) {
    is_end = !read_more(&lines);
    answer_lines(&lines, server, is_end, reply);
    out_write(&out, slice_of(reply->str, reply->len));
    out_flush(&out);
    g_string_truncate(reply, 0);
  }
  bool ok = out_finish(&out, error);
  out_clear(&out);
  g_free(lines.buffer);
  return ok;
}

/* Was made once at the start, with its warning. */
static bool make_verifier(const void *data, Verifier **ret_verifier, GError **error)
{
  g_autofree char *warning = NULL;

  return options_verifier(data, ret_verifier, &warning, error);
}

/* Of one of the captures. */
static Limits share_of_limits(const Options *options)
{
  Limits limits = machine_limits(options);

  limits.calls = MAX(limits.calls / CAPTURES_MAX, 1U);
  limits.messages = MAX(limits.messages / CAPTURES_MAX, 1U);
  limits.endpoints = MAX(limits.endpoints / CAPTURES_MAX, 16U);
  limits.streams = MAX(limits.streams / CAPTURES_MAX, 1U);
  limits.packets.fragment_bytes /= CAPTURES_MAX;
  limits.carrier.stream_bytes /= CAPTURES_MAX;
  return limits;
}

static McpServer *make_server(const Options *options, GError **error)
{
  Run rights = {.over = true};
  CapturesSetup setup = {
    .folders = options->files,
    .source = options_source(options),
    .limits = share_of_limits(options),
    .disk_limit = machine_disk_limit(options) / CAPTURES_MAX,
    .verifier = make_verifier,
    .verifier_data = options,
  };
  g_autoptr(GString) help = g_string_new(NULL);
  g_autoptr(Verifier) verifier = NULL;
  g_autofree char *warning = NULL;

  if (!session_drop_rights(options, &rights, NULL, error) ||
      !options_verifier(options, &verifier, &warning, error))
    return NULL;
  if (warning && !options->quiet)
    session_complain(warning);
  setup.is_confined = rights.is_confined;
  Captures *captures = captures_new(&setup, error);
  if (!captures)
    return NULL;
  help_append_filter(help);
  g_string_append_c(help, '\n');
  help_append_fields(help);
  return mcp_server_new(captures, RUNG_VERSION, help->str);
}

static bool check_options(const Options *options, GError **error)
{
  if (!mcp_server_is_there())
    return app_fail_usage(error, "mcp: this rung was built without json-glib");
  if (!options->files)
    return app_fail_usage(error, "mcp needs the folders whose captures may be read");
  return true;
}

ExitStatus mcp_run(const Options *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(McpServer) server = NULL;

  if (check_options(options, &error) && (server = make_server(options, &error)) != NULL &&
      serve(server, &error))
    return EXIT_OK;
  session_complain(error->message);
  return g_error_matches(error, APP_ERROR, APP_ERROR_USAGE) ? EXIT_USAGE : EXIT_FAILED;
}

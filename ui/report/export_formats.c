/* EXPORT_FORMATS, in the order in which a dialog offers them. */
#include "ui/report/export.h"

const ExportFormat EXPORT_FORMATS[EXPORT_FORMAT_COUNT] = {
  [EXPORT_PCAP] =
    {
      .title = "packets (pcap)",
      .ending = ".pcap",
      .help = "as they were captured; one link type",
      .unit = "packets",
    },
  [EXPORT_PCAPNG] =
    {
      .title = "packets (pcapng)",
      .ending = ".pcapng",
      .help = "the same, with names of inputs, any link types",
      .unit = "packets",
    },
  [EXPORT_LADDERS] =
    {
      .title = "ladders (text)",
      .ending = ".ladder.txt",
      .help = "a ladder of each call, as 'rung flow' writes it",
      .unit = "calls",
      .command = "flow",
      .format = "text",
    },
  [EXPORT_WHOLE] =
    {
      .title = "whole messages (text)",
      .ending = ".txt",
      .help = "as sngrep writes them: a line, then the message",
      .unit = "messages",
      .command = "messages",
      .format = "text",
    },
  [EXPORT_CALLS_CSV] =
    {
      .title = "calls (CSV)",
      .ending = ".csv",
      .help = "a row a call, for a spreadsheet",
      .unit = "calls",
      .command = "calls",
      .format = "csv",
    },
  [EXPORT_CALLS_JSON] =
    {
      .title = "calls (JSON)",
      .ending = ".json",
      .help = "an object a call, one a line",
      .unit = "calls",
      .command = "calls",
      .format = "json",
    },
  [EXPORT_MESSAGES_CSV] =
    {
      .title = "messages (CSV)",
      .ending = ".messages.csv",
      .help = "a row a message, for a spreadsheet",
      .unit = "messages",
      .command = "messages",
      .format = "csv",
    },
  [EXPORT_MESSAGES_JSON] =
    {
      .title = "messages (JSON)",
      .ending = ".messages.json",
      .help = "an object a message, one a line",
      .unit = "messages",
      .command = "messages",
      .format = "json",
    },
  [EXPORT_LADDERS_JSON] =
    {
      .title = "ladders (JSON)",
      .ending = ".ladder.json",
      .help = "columns and rungs, an object a call",
      .unit = "calls",
      .command = "flow",
      .format = "json",
    },
  [EXPORT_WHOLE_JSON] =
    {
      .title = "whole messages (JSON)",
      .ending = ".whole.json",
      .help = "all of it and its faults, an object a message",
      .unit = "messages",
      .command = "show",
      .format = "json",
    },
};

bool export_format_is_packets(ExportFormatId id)
{
  return EXPORT_FORMATS[id].command == NULL;
}

ExportFormatId export_format_of(const char *path, ExportFormatId otherwise)
{
  ExportFormatId found = otherwise;
  size_t longest = 0;

  for (ExportFormatId id = 0; id < EXPORT_FORMAT_COUNT; id++) {
    const char *ending = EXPORT_FORMATS[id].ending;
    if (strlen(ending) <= longest || !g_str_has_suffix(path, ending))
      continue;
    longest = strlen(ending);
    found = id;
  }
  return found;
}

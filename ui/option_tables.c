#include "ui/options.h"

#define BIT(id) (1U << (id))
#define EVERY_SUBCOMMAND (~0U)
#define BROWSING BIT(SUBCOMMAND_NONE)
#define PRINTING (~(BROWSING | BIT(SUBCOMMAND_SAVE)))
#define WITH_TEXT (PRINTING & ~(BIT(SUBCOMMAND_HELP) | BIT(SUBCOMMAND_STATS)))
#define CHOOSING                                                                                   \
  (BIT(SUBCOMMAND_CALLS) | BIT(SUBCOMMAND_MESSAGES) | BIT(SUBCOMMAND_FLOW) |                       \
   BIT(SUBCOMMAND_SHOW) | BIT(SUBCOMMAND_SAVE))

const char *const FORMAT_NAMES[FORMAT_COUNT + 1] = {"text", "json", "csv", NULL};

const OptionInfo OPTIONS[OPTION_COUNT] = {
  [OPTION_READ] = {"rI",
                   {"read", "input"},
                   "FILE",
                   EVERY_SUBCOMMAND,
                   "a capture: pcap or pcapng, also compressed; - for stdin; or just FILE"},
  [OPTION_INTERFACE] =
    {"id", {"interface", "device"}, "IF[,IF]", EVERY_SUBCOMMAND, "capture there; default any"},
  [OPTION_FILTER] = {"f", {"filter"}, "BPF", EVERY_SUBCOMMAND, "capture filter (pcap-filter(7))"},
  [OPTION_WHERE] = {"Y",
                    {"where", "display-filter"},
                    "EXPR",
                    BROWSING | CHOOSING,
                    "only what this holds for; see 'rung help filter'"},
  [OPTION_CALL] = {"", {"call"}, "N|CALL-ID", CHOOSING, "only this call (repeatable)"},
  [OPTION_MESSAGE] = {"", {"message"}, "N", BIT(SUBCOMMAND_SHOW), "only this message (repeatable)"},
  [OPTION_FORMAT] = {"T", {"format"}, "FORMAT", PRINTING, "text (default), json or csv"},
  [OPTION_COLUMNS] = {"",
                      {"columns"},
                      "FIELD,...",
                      BROWSING | BIT(SUBCOMMAND_CALLS) | BIT(SUBCOMMAND_MESSAGES),
                      "these facts instead of the usual ones; see 'rung help fields'"},
  [OPTION_SORT] = {"",
                   {"sort"},
                   "[-]FIELD,...",
                   BROWSING | BIT(SUBCOMMAND_CALLS) | BIT(SUBCOMMAND_MESSAGES),
                   "rows in that order, - the other way round; what is absent comes last"},
  [OPTION_WRITE] =
    {"wO", {"write", "output"}, "FILE", ~BROWSING, "where the output goes; default stdout"},
  [OPTION_FORCE] = {"", {"force"}, NULL, BIT(SUBCOMMAND_SAVE), "write over a file that exists"},
  [OPTION_WITH_MEDIA] = {"",
                         {"with-media"},
                         NULL,
                         BIT(SUBCOMMAND_SAVE),
                         "also RTP and RTCP of the calls, by their session descriptions"},
  [OPTION_DECODE] = {"",
                     {"decode"},
                     NULL,
                     BIT(SUBCOMMAND_SHOW),
                     "header by header, with what is wrong with the message"},
  [OPTION_TIME] = {"",
                   {"time"},
                   "HOW",
                   BROWSING | WITH_TEXT,
                   "absolute (default), relative, delta or epoch; for text"},
  [OPTION_UTC] =
    {"", {"utc"}, NULL, BROWSING | PRINTING, "times of text in UTC, not in local time"},
  [OPTION_WIDTH] = {"", {"width"}, "COLUMNS", PRINTING, "of text; default the terminal's, or 100"},
  [OPTION_COLOR] = {"",
                    {"color", "colour"},
                    "WHEN",
                    BROWSING | PRINTING,
                    "auto (default), always or never; NO_COLOR is obeyed"},
  [OPTION_ASCII] = {"", {"ascii"}, NULL, BROWSING | PRINTING, "text without UTF-8"},
  [OPTION_CONFIG] = {"",
                     {"config"},
                     "FILE",
                     BROWSING | BIT(SUBCOMMAND_HELP),
                     "browsing: configuration instead of ~/.config/rung/config"},
  [OPTION_NO_CONFIG] =
    {"", {"no-config"}, NULL, BROWSING | BIT(SUBCOMMAND_HELP), "browsing: as if there were none"},
  [OPTION_DUMP_CONFIG] =
    {"D", {"dump-config"}, NULL, BROWSING, "print the whole configuration, with its help"},
  [OPTION_QUIET] = {"q", {"quiet"}, NULL, EVERY_SUBCOMMAND, "no progress, no warnings"},
  [OPTION_HELP] = {"h", {"help"}, NULL, EVERY_SUBCOMMAND, "this help"},
  [OPTION_VERSION] = {"V", {"version"}, NULL, EVERY_SUBCOMMAND, "print the version"},
};

const SubcommandInfo SUBCOMMANDS[SUBCOMMAND_COUNT] = {
  [SUBCOMMAND_CALLS] =
    {"calls", BIT(FORMAT_TEXT) | BIT(FORMAT_JSON) | BIT(FORMAT_CSV),
     "a row a call, registration, subscription, ping or message exchange",
     "A row is everything of one Call-ID. Live, a row is printed once its call is over and was\n"
     "silent for a second; the others follow at the end, and so do all with --columns or --sort.\n"
     "With --columns the keys of JSON and CSV are those of the fields, durations are "
     "milliseconds,\n"
     "and facts that may have several values are arrays."},
  [SUBCOMMAND_MESSAGES] =
    {"messages", BIT(FORMAT_TEXT) | BIT(FORMAT_JSON) | BIT(FORMAT_CSV),
     "a row a SIP message, in capture order",
     "Text has the number of the call behind #, and marks a retransmission with R, the same\n"
     "packet captured twice with D, and a message with octets missing with !. -T text writes "
     "whole\n"
     "messages instead, as sngrep does to a .txt: time, source and destination in a line, the\n"
     "octets as they were, an empty line."},
  [SUBCOMMAND_FLOW] =
    {"flow", BIT(FORMAT_TEXT) | BIT(FORMAT_JSON), "a ladder of each call",
     "A column is an endpoint, a line a message; its number is that of `messages`. What was sent\n"
     "again is dashed and marked (R), the same packet captured twice (D), missing octets (!)."},
  [SUBCOMMAND_SHOW] =
    {"show", BIT(FORMAT_TEXT) | BIT(FORMAT_JSON), "messages whole, raw or decoded",
     "Raw octets are written as they were, but to a terminal without control characters. With\n"
     "-w FILE text is as sngrep writes it: time, source and destination in a line, the octets as\n"
     "they were, an empty line."},
  [SUBCOMMAND_STATS] = {"stats", BIT(FORMAT_TEXT) | BIT(FORMAT_JSON), "counts of the whole input",
                        NULL},
  [SUBCOMMAND_SAVE] =
    {"save", BIT(FORMAT_TEXT), "the packets of the chosen calls as a capture file",
     "-w FILE names it: pcapng when that ends in .pcapng, else pcap. Packets are written as they\n"
     "were captured: all fragments and segments of the messages, also those sent again, and\n"
     "beginning and end of their connections. A segment may carry messages of other calls, too.\n"
     "With -i it captures until Ctrl-C, then writes."},
  [SUBCOMMAND_HELP] = {"help", BIT(FORMAT_TEXT),
                       "help on a command, on `fields`, `filter` or `keys`", NULL},
};

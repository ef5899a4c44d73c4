/* `rung save`: the packets of the selected calls into a capture file. */
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/report/out_file.h"
#include "ui/report/pdu_save.h"
#include "ui/report/zip_out.h"
#include "ui/save.h"
#include "ui/show/remark_file.h"

const Subcommand SAVE_SUBCOMMAND = {
  .name = "save",
  .help = N_("write the packets of the selected calls to a capture file"),
  .more = N_(
    "-w FILE names the file: pcapng if it ends in .pcapng, else pcap. Packets are written as they\n"
    "were captured: all fragments and segments of the messages, retransmitted ones too, and the\n"
    "beginning and end of their connections. A segment may also hold messages of other calls. Of\n"
    "a compressed WebSocket connection everything is written that is needed to read the messages.\n"
    "The file is complete when the command ends; an existing file is only overwritten with\n"
    "--force. With -i packets are written at least once a second, with their media; where -Y asks\n"
    "for what may still change (call.outcome), they are written once the call is over.\n"
    "\n"
    "Of a TLS connection everything up to the message is written, as a record can only be read\n"
    "with all records before it. --with-secrets adds the secrets of these connections, and no\n"
    "others. --decrypted writes only the messages, as exported PDUs, which Wireshark opens\n"
    "without a key.\n"
    "\n"
    "--anonymize writes a capture that can be given away: users, numbers, hosts, addresses,\n"
    "Call-IDs, tags, branches, keys and texts in bodies are replaced, each by the same pseudonym\n"
    "of the same length everywhere; media are silent. Packets are made anew, with IP and UDP, TCP\n"
    "or SCTP only: messages that came in TLS or WebSocket are in plain TCP. What cannot be read "
    "is\n"
    "left out and counted. The key is random and not kept; MAPFILE keeps it with the list of\n"
    "pseudonyms, readable by its owner only, and gives several captures the same pseudonyms.\n"
    "\n"
    "--audio FILE.wav writes the sound of one call: the caller left, the callee right, in time.\n"
    "Lost packets, DTMF events and comfort noise are silence. Where streams of one direction\n"
    "overlap, the one with the most packets is heard; --stream N writes one stream, in mono.\n"
    "\n"
    "--bundle FILE.zip writes the packets with their media, ladder, findings, messages, streams,\n"
    "sound, and a manifest with the SHA-256 and the command of each.\n"
    "\n"
    "--sipp DIR writes two scenarios of SIPp for each call, one for the caller and one for the\n"
    "called side, and a script that plays them against each other: the same messages in the same\n"
    "order, with the same delays. Call-ID, tags, branches, addresses, media ports and credentials\n"
    "(password: replay) are new."),
  .takes = TAKES_FILES | TAKES_LIVE | TAKES_COPY | TAKES_FILTER | TAKES_CALLS | TAKES_STREAMS |
           TAKES_OUTPUT | TAKES_PACKETS | TAKES_MEDIA | TAKES_AUDIO | TAKES_EVIDENCE,
};

static const char *sipp_fault(const Options *options)
{
  if (options->audio || options->output || options->bundle)
    return _("'save' takes one of -w, --audio, --bundle and --sipp");
  if (!options->files)
    return _("--sipp needs a capture file: save the packets first");
  if (option_is_given(options, OPTION_ANONYMIZE))
    return _(
      "--sipp and --anonymize cannot be combined: save anonymized packets first, and read those");
  if (options->decrypted || options->with_secrets || options->with_media)
    return _("--sipp writes no packets: --decrypted, --with-media and --with-secrets do not apply");
  return NULL;
}

static const char *bundle_fault(const Options *options)
{
  if (options->audio || options->output)
    return _("'save' takes one of -w, --audio, --bundle and --sipp");
  if (!zip_out_is_there())
    return _("--bundle: rung was built without libarchive");
  if (!options->files)
    return _("--bundle needs a capture file: save the packets first");
  if (options->decrypted)
    return _("--bundle and --decrypted cannot be combined");
  if (option_is_given(options, OPTION_STREAM))
    return _("--stream needs --audio FILE.wav");
  if (option_is_given(options, OPTION_ANONYMIZE) && options->with_secrets)
    return _("--anonymize writes no TLS, which --with-secrets could open");
  if (options->anonymize_agents && !option_is_given(options, OPTION_ANONYMIZE))
    return _("--anonymize-agents needs --anonymize");
  return NULL;
}

/* To a file, and not compressed: a capture that cannot be finished would be lost. */
static bool check_options(const Options *options, GError **error)
{
  const char *fault = NULL;

  if (options->sipp)
    fault = sipp_fault(options);
  else if (options->bundle)
    fault = bundle_fault(options);
  else if (options->audio && options->output)
    fault = _("'save' takes -w FILE or --audio FILE.wav, not both");
  else if (options->audio && !options->files && options_live_inputs(options) == 0)
    fault = _("'save' needs a capture file, - for standard input, or -i IF");
  else if (options->audio && strcmp(options->audio, "-") == 0)
    fault = _("--audio needs a file: a WAV file cannot be written to a pipe");
  else if (options->audio && option_is_given(options, OPTION_ANONYMIZE))
    fault = _("--anonymize cannot be used with --audio: a voice names who speaks");
  else if (options->audio)
    return true;
  else if (option_is_given(options, OPTION_STREAM))
    fault = _("--stream needs --audio FILE.wav");
  else if (!options->output)
    fault = _("'save' needs -w FILE, --audio FILE.wav, --bundle FILE.zip or --sipp DIR");
  else if (g_str_has_suffix(options->output, ".gz") || g_str_has_suffix(options->output, ".zst"))
    fault = _("'save' does not compress; use a name that ends in .pcap or .pcapng");
  else if (!options->files && options_live_inputs(options) == 0)
    fault = _("'save' needs a capture file, - for standard input, or -i IF");
  else if (options_live_inputs(options) > 1 && writer_format_of(options->output) == WRITER_PCAP)
    fault = _("'save' needs pcapng for several interfaces; use a name that ends in .pcapng");
  else if (options->with_secrets && writer_format_of(options->output) == WRITER_PCAP)
    fault = _("--with-secrets needs pcapng; use a name that ends in .pcapng");
  else if (options->anonymize_agents && !option_is_given(options, OPTION_ANONYMIZE))
    fault = _("--anonymize-agents needs --anonymize");
  else if (option_is_given(options, OPTION_ANONYMIZE) && options->with_secrets)
    fault = _("--anonymize writes no TLS, which --with-secrets could open");
  else if (option_is_given(options, OPTION_ANONYMIZE) && options_live_inputs(options) > 0)
    fault = _("--anonymize needs a capture file: save the packets first");
  else if (options->decrypted && (options->with_media || options->with_secrets))
    fault = _("--decrypted writes messages alone, without --with-media and --with-secrets");
  if (fault)
    g_set_error_literal(error, APP_ERROR, APP_ERROR_USAGE, fault);
  return !fault;
}

/* Refuses to overwrite a file, unless --force was given. */
static bool open_file(const Options *options, OutFile *ret_file, GError **error)
{
  const OutFileOptions output = {
    .path = options->output,
    .inputs = options->files,
    .advice = _("use --force to overwrite it"),
    .may_replace = options->force,
  };

  if (!out_file_open(&output, ret_file, error))
    return false;
  if (!isatty(ret_file->fd))
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
              _("refusing to write a capture to a terminal; use -w FILE"));
  out_file_discard(ret_file);
  return false;
}

enum { SLICE_US = 50 * 1000 };

static void show_progress(Session *session, double share)
{
  enum { WHOLE = 1000 };

  progress_update(&session->progress, (SourceProgress){(uint64_t) (share * WHOLE), WHOLE},
                  session->run.messages);
}

static bool is_interrupted(GError **error)
{
  if (!signals_came())
    return false;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("interrupted before all packets were written"));
  return true;
}

static bool write_packets(Session *session, PacketSave *job, GError **error)
{
  uint64_t packets;

  while (packet_save_step(job, g_get_monotonic_time() + SLICE_US)) {
    show_progress(session, packet_save_progress(job));
    if (is_interrupted(error))
      return false;
  }
  return packet_save_finish(job, &packets, error);
}

static bool write_messages(Session *session, PduSave *job, GError **error)
{
  while (pdu_save_step(job, g_get_monotonic_time() + SLICE_US)) {
    show_progress(session, pdu_save_progress(job));
    if (is_interrupted(error))
      return false;
  }
  return pdu_save_finish(job, error);
}

static PacketSaveOptions save_options(const Session *session, const OutFile *file)
{
  return (PacketSaveOptions){
    .fd = file->fd,
    .name = file->name,
    .format = writer_format_of(file->name),
    .with_media = session->options->with_media,
    .with_secrets = session->options->with_secrets,
    .selection = session->options->selection,
  };
}

static void report_unreadable(Session *session, const char *name, uint64_t count)
{
  if (count == 0)
    return;
  g_autofree char *text = g_strdup_printf(
    translate_count("%s: %" G_GUINT64_FORMAT " compressed WebSocket message cannot be read in it: "
                    "what it refers to is too far back in its connection",
                    "%s: %" G_GUINT64_FORMAT
                    " compressed WebSocket messages cannot be read in it: what they "
                    "refer to is too far back in their connections",
                    count),
    name, count);
  session_warn_failed(session, text);
}

/* What is not as it was, beside what names somebody. */
static void report_losses(const Session *session, const MaskedLosses *losses)
{
  g_autoptr(GString) text = g_string_new(NULL);

  if (losses->messages > 0)
    g_string_append_printf(text, _(", %" G_GUINT64_FORMAT " messages left out"), losses->messages);
  if (losses->media > 0)
    g_string_append_printf(text,
                           _(", %" G_GUINT64_FORMAT " packets beside RTP and RTCP in UDP left out"),
                           losses->media);
  if (losses->opened > 0)
    g_string_append_printf(
      text, _(", %" G_GUINT64_FORMAT " messages of TLS or WebSocket are in plain TCP"),
      losses->opened);
  if (text->len == 0 || session->options->quiet)
    return;
  g_string_prepend(text, _("anonymized"));
  session_complain(text->str);
}

bool save_packets(Session *session, const PacketSaveOptions *options, GError **error)
{
  const PacketSaveInput input = session_packets(session);

  selection_bind(options->selection, input.trace, input.stores);
  selection_apply_filter(options->selection);
  if (session->options->decrypted) {
    g_autoptr(PduSave) messages = pdu_save_new(&input, options);
    return write_messages(session, messages, error);
  }
  g_autoptr(PacketSave) job = packet_save_new(&input, options);
  bool ok = write_packets(session, job, error);
  MaskedLosses losses = packet_save_losses(job);
  if (ok && options->masking)
    report_losses(session, &losses);
  else if (ok)
    report_unreadable(session, options->name, packet_save_unreadable(job));
  return ok;
}

bool save_rest(Session *session, LiveTarget *target, GError **error)
{
  return (!target->save || live_save_finish(target->save, error)) &&
         (packet_sink_is_split(target->options.sink) ||
          save_packets(session, &target->options, error));
}

bool save_open_map(const Options *options, const char *output, PseudonymMap *ret_map,
                   GError **error)
{
  struct stat map, other;

  if (!option_is_given(options, OPTION_ANONYMIZE))
    return true;
  if (!pseudonym_map_open(options->map, ret_map, error))
    return false;
  if (!options->map || !output || fstat(ret_map->fd, &map) != 0 || stat(output, &other) != 0 ||
      map.st_dev != other.st_dev || map.st_ino != other.st_ino)
    return true;
  return app_fail_usage(error, "%s and --anonymize name the same file: %s",
                        options->bundle ? "--bundle" : "-w", options->map);
}

/* Pseudonyms would be of no use beside what somebody wrote. */
static bool write_notes(const Session *session, const PacketSaveOptions *options, GError **error)
{
  const char *output = session->options->output;

  return options->masking || strcmp(output, "-") == 0 ||
         remark_file_write_selected(output, trace_remarks(session->run.trace), options->selection,
                                    error);
}

/* A failure is reported even with --quiet. */
static void save(Session *session, LiveTarget *target, OutFile *file, PseudonymMap *map)
{
  g_autoptr(GError) error = NULL;
  uint64_t bytes;

  signals_hold();
  bool ok = save_rest(session, target, &error) && pseudonym_map_write(map, &error) &&
            out_file_commit(file, &bytes, &error) && write_notes(session, &target->options, &error);
  if (!ok && file->path && !file->is_placed)
    g_prefix_error(&error, _("%s was not written: "), file->name);
  progress_erase(&session->progress);
  if (!ok)
    session_fail(session, error->message);
}

/* Live, packets are written as they come. */
static void read_and_save(Session *session, OutFile *file, PseudonymMap *map)
{
  LiveTarget target = {.options = save_options(session, file)};
  PacketSaveOptions *options = &target.options;
  const Masking masking = {map->pseudonyms, {session->options->anonymize_agents}};
  g_autoptr(PacketSink) sink = NULL;
  g_autoptr(GError) error = NULL;

  options->masking = map->pseudonyms ? &masking : NULL;
  if (source_is_live(session->run.source) && !session->options->decrypted) {
    sink = packet_sink_new(session->run.source, session->run.stores,
                           (WriterOptions){options->fd, options->name, options->format, NULL, 0});
    options->sink = sink;
    session->live = &target;
    session->live_count = 1;
  }
  if (sink && !packet_sink_begin(sink, &error)) {
    session_fail(session, error->message);
    return;
  }
  session_read(session, true);
  if (session_is_cut(session))
    session_warn_failed(session, _("interrupted: nothing was written"));
  else
    save(session, &target, file, map);
  g_clear_pointer(&target.save, live_save_free);
  session->live_count = 0;
}

ExitStatus save_run(const Options *options)
{
  Session session = {.options = options};
  g_auto(PseudonymMap) map = {.fd = -1};
  OutFile file;
  g_autoptr(GError) error = NULL;

  if (!check_options(options, &error))
    return session_refuse(&session, error);
  if (options->audio)
    return save_audio_run(options);
  if (options->bundle)
    return save_bundle_run(options);
  if (options->sipp)
    return save_sipp_run(options);
  if (!session_open(&session, options, &error))
    return session_refuse(&session, error);
  signals_hold(); /* until the file is in place, or gone */
  if (!open_file(options, &file, &error))
    return session_refuse(&session, error);
  if (!save_open_map(options, options->output, &map, &error) ||
      !session_drop_rights(options, &session.run, &file, &error) ||
      (source_is_live(session.run.source) && !out_file_place(&file, &error))) {
    out_file_discard(&file);
    return session_refuse(&session, error);
  }
  read_and_save(&session, &file, &map);
  out_file_discard(&file); /* one that is in place stays */
  signals_release();
  return session_close(&session);
}

/* `rung save --sipp`: scenarios of SIPp for both sides of the selected calls. */
#include <errno.h>
#include <sys/stat.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/report/sipp.h"
#include "ui/save.h"

enum { CALLS_MAX = 100, SCRIPT_MODE = 0755 };

static bool make_folder(const char *path, GError **error)
{
  if (mkdir(path, 0777) == 0 || (errno == EEXIST && g_file_test(path, G_FILE_TEST_IS_DIR)))
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot make the folder %s: %s"), path,
              g_strerror(errno));
  return false;
}

/* One file of the folder; `is_script`: that can be started. */
static bool write_file(const Options *options, const char *name, const GString *text,
                       bool is_script, GError **error)
{
  g_autofree char *path = g_build_filename(options->sipp, name, NULL);
  const OutFileOptions output = {
    .path = path,
    .inputs = options->files,
    .advice = _("use --force to overwrite it"),
    .may_replace = options->force,
    .only_regular = true,
  };
  OutFile file;
  Out out;
  uint64_t bytes;

  if (!out_file_open(&output, &file, error))
    return false;
  out_init(&out, file.fd, file.name);
  out_write(&out, slice_of(text->str, text->len));
  bool ok = out_finish(&out, error);
  out_clear(&out);
  if (ok && is_script)
    (void) !fchmod(file.fd, SCRIPT_MODE); /* else it is started by its interpreter */
  ok = ok && out_file_commit(&file, &bytes, error);
  out_file_discard(&file);
  return ok;
}

/* What cannot be played is reported, and the others are written. */
static bool write_call(Session *session, const Call *call, GError **error)
{
  const Options *options = session->options;
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) uac = g_string_new(NULL), uas = g_string_new(NULL);
  g_autoptr(GString) script = g_string_new(NULL);
  g_autofree char *stem = g_strdup_printf("call-%u", call->number);
  g_autofree char *uac_name = g_strconcat(stem, "-uac.xml", NULL);
  g_autofree char *uas_name = g_strconcat(stem, "-uas.xml", NULL);
  g_autofree char *script_name = g_strconcat(stem, ".sh", NULL);
  g_autoptr(GError) why = NULL;
  g_autoptr(SippCall) sipp = sipp_call_new(session->run.trace, call, session->run.stores, &why);

  if (!sipp) {
    session_warn_failed(session, why->message);
    return true;
  }
  sipp_call_append_notes(sipp, notes);
  for (guint i = 0; i < notes->len; i++)
    session_warn_failed(session, notes->pdata[i]);
  sipp_call_append(sipp, SIPP_UAC, uac);
  sipp_call_append(sipp, SIPP_UAS, uas);
  sipp_call_append_script(sipp, stem, script);
  return write_file(options, uac_name, uac, false, error) &&
         write_file(options, uas_name, uas, false, error) &&
         write_file(options, script_name, script, true, error);
}

static bool write_calls(Session *session, GError **error)
{
  Selection *selection = session->options->selection;
  unsigned count = 0, left_out = 0;

  selection_bind(selection, session->run.trace, session->run.stores);
  selection_apply_filter(selection);
  for (size_t i = 0; i < selection_call_count(selection); i++) {
    const Call *call = selection_call_at(selection, i);
    if (!call)
      continue;
    if (count == CALLS_MAX || signals_came()) {
      left_out++;
      continue;
    }
    count++;
    if (!write_call(session, call, error))
      return false;
  }
  if (left_out > 0) {
    g_autofree char *text = g_strdup_printf(
      translate_count("%u more call was not written", "%u more calls were not written", left_out),
      left_out);
    session_warn_failed(session, text);
  }
  return true;
}

ExitStatus save_sipp_run(const Options *options)
{
  Session session = {.options = options};
  g_autoptr(GError) error = NULL;

  if (!session_open(&session, options, &error))
    return session_refuse(&session, error);
  if (!make_folder(options->sipp, &error) ||
      !session_drop_rights(options, &session.run, NULL, &error))
    return session_refuse(&session, error);
  session_read(&session, true);
  signals_hold();
  if (session_is_cut(&session))
    session_warn_failed(&session, _("interrupted: nothing was written"));
  else if (!write_calls(&session, &error))
    session_fail(&session, error->message);
  signals_release();
  return session_close(&session);
}

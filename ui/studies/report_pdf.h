#pragma once
// A study's report on paper.
#include <QByteArray>
#include <string>

namespace rlcm::ui {

/// The pages of a report (study::reportHtml) as a PDF: A4, figures as vectors and never over the end of a page. thread: any.
QByteArray reportPdf(const std::string& html);

}  // namespace rlcm::ui

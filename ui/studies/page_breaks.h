#pragma once
// Where pages of a report end.
class QTextDocument;

namespace rlcm::ui {

/// No heading stands at the foot of a page when what it is of begins on the next: it goes there too. The document has its page size. thread: any.
void keepHeadings(QTextDocument& document);

}  // namespace rlcm::ui

#include "ui/studies/page_breaks.h"

#include <QAbstractTextDocumentLayout>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextLayout>

namespace rlcm::ui {

void keepHeadings(QTextDocument& document) {
    const QAbstractTextDocumentLayout& layout = *document.documentLayout();
    const auto pageOf = [height = document.pageSize().height()](double y) { return static_cast<int>(y / height); };
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        const QTextBlock next = block.next();
        if (block.blockFormat().headingLevel() == 0 || !next.isValid()) {
            continue;
        }
        const double top = layout.blockBoundingRect(block).top();  // lays out what comes before
        const QRectF follows = layout.blockBoundingRect(next);
        const QTextLine line = next.layout()->lineCount() > 0 ? next.layout()->lineAt(0) : QTextLine();
        const double foot = line.isValid() ? follows.top() + line.y() + line.height() - 1 : follows.top();
        if (pageOf(foot) > pageOf(top)) {
            QTextBlockFormat broken;
            broken.setPageBreakPolicy(QTextFormat::PageBreak_AlwaysBefore);
            QTextCursor(block).mergeBlockFormat(broken);
        }
    }
}

}  // namespace rlcm::ui

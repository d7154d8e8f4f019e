#include "ui/studies/report_pdf.h"

#include <QAbstractTextDocumentLayout>
#include <QBuffer>
#include <QImage>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextObjectInterface>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "ui/studies/page_breaks.h"

namespace rlcm::ui {
namespace {

constexpr int kFigureObject = QTextFormat::UserObject + 1, kFigureNumber = QTextFormat::UserProperty + 1;
constexpr int kResolution = 600;       ///< dots per inch: letters are placed on them
constexpr double kPixelsPerInch = 96;  ///< of the sizes in a page
constexpr QMarginsF kMargins(15, 15, 15, 15);
constexpr double kMostHeightShare = 0.85;  ///< of a page, so that a figure and its words stand together
constexpr int kPictureSide = 62;           ///< pixels of an evaluation image
constexpr double kFontPt = 9;

/// Figures of a page, drawn where the document has their places.
class Figures : public QObject, public QTextObjectInterface {
    Q_OBJECT
    Q_INTERFACES(QTextObjectInterface)
public:
    explicit Figures(const QSizeF& page) : m_page(page) {}
    int add(const QString& svg) {
        m_all.push_back({std::make_unique<QSvgRenderer>(svg.toUtf8()), {}});
        return static_cast<int>(m_all.size()) - 1;
    }
    int add(const QImage& picture) {
        m_all.push_back({nullptr, picture});
        return static_cast<int>(m_all.size()) - 1;
    }
    QSizeF intrinsicSize(QTextDocument*, int, const QTextFormat& format) override {
        const Figure& one = figure(format);
        const QSizeF own = QSizeF(one.svg ? one.svg->defaultSize() : one.picture.size()) * kResolution / kPixelsPerInch;
        const QSizeF room(m_page.width(), m_page.height() * kMostHeightShare);
        return own.width() > room.width() || own.height() > room.height() ? own.scaled(room, Qt::KeepAspectRatio) : own;
    }
    void drawObject(QPainter* painter, const QRectF& place, QTextDocument*, int, const QTextFormat& format) override {
        const Figure& one = figure(format);
        one.svg ? one.svg->render(painter, place) : painter->drawImage(place, one.picture);
    }

private:
    struct Figure {
        std::unique_ptr<QSvgRenderer> svg;
        QImage picture;  ///< instead
    };
    const Figure& figure(const QTextFormat& format) const { return m_all[static_cast<std::size_t>(format.property(kFigureNumber).toInt())]; }

    QSizeF m_page;
    std::vector<Figure> m_all;
};

/// A mark in place of each match, whose content `add` has taken.
QString marked(const QString& html, const QRegularExpression& wanted, const std::function<int(const QRegularExpressionMatch&)>& add) {
    QString result;
    qsizetype done = 0;
    for (auto found = wanted.globalMatch(html); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        result += html.mid(done, match.capturedStart() - done) + QStringLiteral("<IMG src=\"figure:%1\">").arg(add(match));
        done = match.capturedEnd();
    }
    return result + html.mid(done);
}

/// The page with a mark in place of each figure and each picture that stands alone. Styles for screens say sizes that paper does not have.
QString withMarks(QString html, Figures& figures) {
    static const QRegularExpression kStyle(QStringLiteral("<style>.*?</style>"), QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression kFigure(QStringLiteral("<svg\\b.*?</svg>"), QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression kPicture(QStringLiteral("<img class=\"wide\"[^>]* src=\"data:image/[a-z]+;base64,([^\"]*)\">"));
    html.remove(kStyle);
    html = marked(html, kPicture, [&figures](const QRegularExpressionMatch& match) {
        return figures.add(QImage::fromData(QByteArray::fromBase64(match.capturedView(1).toLatin1())));
    });
    html.replace(QStringLiteral("<img "), QStringLiteral("<img width=\"%1\" height=\"%1\" ").arg(kPictureSide));
    for (const auto& [tag, own] : {std::pair("<figure>", "<p>"), {"<figcaption>", "</p><p><small>"}, {"</figcaption></figure>", "</small></p>"}}) {
        html.replace(QLatin1String(tag), QLatin1String(own));  // tags that the document does not know
    }
    html.replace(QStringLiteral("<table>"), QStringLiteral("<table cellpadding=\"3\" cellspacing=\"0\">"));
    html.replace(QStringLiteral("</b>"), QStringLiteral(":</b> "));
    return marked(html, kFigure, [&figures](const QRegularExpressionMatch& match) { return figures.add(match.captured()); });
}

/// Lets the marks be drawn as figures.
void placeFigures(QTextDocument& document) {
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        for (auto at = block.begin(); !at.atEnd(); ++at) {
            const QTextCharFormat format = at.fragment().charFormat();
            const QString name = format.isImageFormat() ? format.toImageFormat().name() : QString();
            if (!name.startsWith(QLatin1String("figure:"))) {
                continue;
            }
            QTextCharFormat figure;
            figure.setObjectType(kFigureObject);
            figure.setProperty(kFigureNumber, name.section(QLatin1Char(':'), 1).toInt());
            QTextCursor cursor(&document);
            cursor.setPosition(at.fragment().position());
            cursor.setPosition(at.fragment().position() + at.fragment().length(), QTextCursor::KeepAnchor);
            cursor.setCharFormat(figure);
            break;  // the block has changed; a figure stands in one of its own
        }
    }
}

}  // namespace

QByteArray reportPdf(const std::string& html) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setResolution(kResolution);
    writer.setPageLayout({QPageSize(QPageSize::A4), QPageLayout::Portrait, kMargins, QPageLayout::Millimeter});
    const QSizeF page = writer.pageLayout().paintRectPixels(kResolution).size();
    Figures figures(page);
    QTextDocument document;
    document.documentLayout()->setPaintDevice(&writer);
    document.documentLayout()->registerHandler(kFigureObject, &figures);
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPointSizeF(kFontPt);
    document.setDefaultFont(font);
    document.setDocumentMargin(0);
    document.setHtml(withMarks(QString::fromStdString(html), figures));
    placeFigures(document);
    document.setPageSize(page);
    keepHeadings(document);
    writer.setTitle(document.metaInformation(QTextDocument::DocumentTitle));
    QPainter painter(&writer);
    const int pages = document.pageCount();
    for (int i = 0; i < pages; ++i) {
        if (i > 0) {
            writer.newPage();
        }
        painter.save();
        painter.translate(0, -i * page.height());
        QAbstractTextDocumentLayout::PaintContext context;
        context.palette.setColor(QPalette::Text, Qt::black);
        context.clip = QRectF(QPointF(0, i * page.height()), page);
        painter.setClipRect(context.clip);
        document.documentLayout()->draw(&painter, context);
        painter.restore();
    }
    painter.end();
    return bytes;
}

}  // namespace rlcm::ui

#include "report_pdf.moc"

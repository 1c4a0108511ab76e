package dev.handoff.webchat.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.SearchContext;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.opentest4j.TestAbortedException;

/** A visitor with a browser, on a page of another site that has the one script tag. */
class ChatInBrowserTest {
    private static final String CLOCK_STANDS = "Date.now = () => 1_800_000_000_000;\n";

    /** Each process of a browser has a copy of localStorage, and hears of the others' changes when it comes to it. */
    private static final String HEARS_LATE = CLOCK_STANDS + """
            const read = Storage.prototype.getItem, write = Storage.prototype.setItem, own = new Set();
            Storage.prototype.getItem = function (key) { return own.has(key) ? read.call(this, key) : null; };
            Storage.prototype.setItem = function (key, value) { own.add(key); write.call(this, key, value); };
            """;

    @TempDir
    private Path folder;

    private HttpServer shop;
    private WebChatHost host;
    private Desk ana;
    private ChromeDriver browser;
    private Map<String, String> settings;

    @BeforeEach
    void open() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
            shop = shop("http://127.0.0.1:" + port); // while the host's port is held, so that it gets another
        }
        settings = Map.of(
                "HANDOFF_PORT",
                String.valueOf(port),
                "HANDOFF_JDBC_URL",
                "jdbc:h2:file:" + folder.resolve("webchat"),
                "WEBCHAT_ORIGINS",
                shopUrl(),
                "WEBCHAT_AGENT_TOKEN",
                Desk.TOKEN);
        startHost();
        ana = new Desk(port);
        browser = newBrowser(folder.resolve("profile"));
        browser.get(shopUrl());
    }

    @AfterEach
    void close() {
        if (browser != null) {
            browser.quit();
        }
        host.close();
        shop.stop(0);
    }

    @Test
    void a_visitor_with_a_keyboard_chats_with_the_bot_and_a_person_and_hears_of_what_they_missed() throws IOException {
        one("launcher").sendKeys(Keys.ENTER);
        assertThat(focused()).isEqualTo("field");
        types("oi", Keys.ENTER);
        seen("bot", "echo: oi");
        types("quero falar com uma pessoa", Keys.ENTER);
        seen("system", "Vou chamar uma pessoa.");
        String conversation = conversation();
        ana.takesOver(conversation);
        ana.replies(conversation, "Oi! Aqui é a Ana. Como posso ajudar?");
        seen("agent", "Como posso ajudar?");
        one("field").sendKeys("meu pedido 1234", Keys.chord(Keys.SHIFT, Keys.ENTER), "<b>não chegou</b>", Keys.ENTER);
        seen("customer", "meu pedido 1234\n<b>não chegou</b>");
        Await.until(
                "it is acknowledged",
                () -> browser.executeScript(
                                "return Object.keys(localStorage).filter((k) => k.includes('pending')).length")
                        .equals(0L));
        picture("chat-light");
        dark();
        picture("chat-dark");

        types(Keys.ESCAPE);
        assertThat(one("log").isDisplayed()).isFalse();
        assertThat(focused()).isEqualTo("launcher");
        ana.replies(conversation, "Chega amanhã.");
        Await.until("the badge counts it", () -> one("badge").getText().equals("1"));
        assertThat(one("launcher").getAttribute("aria-label")).isEqualTo("Abrir conversa (1 mensagem nova)");
        picture("chat-closed");

        browser.navigate().refresh();
        Await.until("it is still unread", () -> one("badge").getText().equals("1"));
        phone();
        one("launcher").sendKeys(Keys.ENTER);
        seen("agent", "Chega amanhã.");
        seen("bot", "echo: oi");
        assertThat(one("badge").isDisplayed()).isFalse();
        assertThat(one("log").getAttribute("aria-live")).isEqualTo("polite");
        assertThat(all("message")).hasSize(7);
        picture("chat-phone");
    }

    @Test
    void what_was_written_while_the_server_was_away_arrives_once_though_the_page_was_left_meanwhile() {
        one("launcher").click();
        types("antes", Keys.ENTER);
        seen("bot", "echo: antes");
        host.close();
        types("sem servidor", Keys.ENTER);
        types("e mais isto", Keys.ENTER);
        Await.until("it is told", () -> one("state").getText().startsWith("Sem conexão"));
        browser.navigate().refresh();
        one("launcher").click();

        startHost();

        seen("bot", "e mais isto");
        seen("customer", "sem servidor");
        assertThat(textsFrom("customer")).containsExactly("antes", "sem servidor", "e mais isto");
        assertThat(textsFrom("bot").stream().flatMap(String::lines))
                .containsExactlyInAnyOrder("echo: antes", "echo: sem servidor", said("e mais isto"));
    }

    @Test
    void two_tabs_are_one_visitor_even_when_both_are_opened_for_the_first_time() {
        one("launcher").click();

        hearsWhatIsSaidInASecondTab("");
    }

    @Test
    void two_tabs_are_one_visitor_even_when_the_second_hears_late_of_what_the_first_has_stored() {
        openWhereTheClockStands();

        hearsWhatIsSaidInASecondTab(HEARS_LATE);
    }

    @Test
    void two_tabs_are_one_visitor_even_when_the_second_did_not_wait_for_the_decision() {
        openWhereTheClockStands();

        hearsWhatIsSaidInASecondTab(HEARS_LATE + """
                const later = window.setTimeout;
                window.setTimeout = (work) => {
                    window.setTimeout = later;
                    work();
                };
                """);
    }

    @Test
    void whoever_is_forgotten_by_the_page_is_a_new_visitor() {
        one("launcher").click();
        types("segredo", Keys.ENTER);
        seen("bot", "echo: segredo");
        String first = secret();
        browser.executeScript("localStorage.clear()");
        beforeEveryPage("const now = Date.now; Date.now = () => now() + 3_600_000;");

        browser.get(shopUrl());
        one("launcher").click();
        types("outro visitante", Keys.ENTER);
        seen("bot", "echo: outro visitante");

        assertThat(secret()).isNotEqualTo(first);
        assertThat(textsFrom("customer")).containsExactly("outro visitante");
    }

    @Test
    void a_browser_whose_storage_is_full_can_chat_and_is_known_on_the_next_page() {
        beforeEveryPage("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };");
        browser.get(shopUrl());
        one("launcher").click();
        types("oi", Keys.ENTER);
        seen("bot", "echo: oi");
        beforeEveryPage("const now = Date.now; Date.now = () => now() + 3_600_000;");

        browser.get(shopUrl());
        one("launcher").click();

        seen("bot", "echo: oi");
        assertThat(textsFrom("customer")).containsExactly("oi");
    }

    /** A decision counts for a minute, and a busy machine may take longer from tab to tab. */
    private void openWhereTheClockStands() {
        beforeEveryPage(CLOCK_STANDS);
        browser.get(shopUrl());
        one("launcher").click();
        Await.until("it is a visitor", () -> !secret().isEmpty());
    }

    private void hearsWhatIsSaidInASecondTab(String before) {
        String first = browser.getWindowHandle();
        String visitor = secret();
        browser.switchTo().newWindow(WindowType.TAB);
        beforeEveryPage(before);
        browser.get(shopUrl());
        one("launcher").click();
        Await.until("it is the same visitor", () -> visitor.isEmpty() || secret().equals(visitor));
        types("da segunda aba", Keys.ENTER);
        seen("bot", "echo: da segunda aba");

        browser.switchTo().window(first);

        seen("bot", "echo: da segunda aba");
        assertThat(textsFrom("customer")).containsExactly("da segunda aba");
    }

    /** The bot answers what came together in one message, and what came one by one in several. */
    private String said(String last) {
        return textsFrom("bot").contains("echo: " + last) ? "echo: " + last : last;
    }

    private void startHost() {
        host = new WebChatHost(HostSettings.from(settings));
        host.start();
    }

    /** Any page that may have the chat, with as strict a policy as the chat can live under. */
    private static HttpServer shop(String chat) throws IOException {
        HttpServer shop = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] page = ("<!doctype html><html lang=pt-BR><meta charset=utf-8>"
                        + "<meta name=viewport content='width=device-width'><title>Loja</title><h1>Loja</h1>"
                        + "<p>Uma página de outro site.</p>"
                        + "<script src='" + chat + "/webchat/widget.js' data-title='Loja' defer></script>")
                .getBytes(StandardCharsets.UTF_8);
        shop.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.getResponseHeaders()
                    .set(
                            "Content-Security-Policy",
                            "default-src 'none'; script-src " + chat + "; connect-src "
                                    + chat.replaceFirst("http", "ws"));
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        shop.start();
        return shop;
    }

    private String shopUrl() {
        return "http://127.0.0.1:" + shop.getAddress().getPort();
    }

    private static ChromeDriver newBrowser(Path profile) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(installed("chromium"));
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--lang=pt-BR",
                "--window-size=1000,760",
                "--user-data-dir=" + profile);
        return new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(installed("chromedriver"))
                        .usingAnyFreePort()
                        .build(),
                options);
    }

    /** As scripts/install-test-tools puts it there; without it the test is reported as skipped. */
    private static File installed(String program) {
        Optional<Path> found = Stream.of(
                        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
        return found.orElseThrow(() -> new TestAbortedException("no " + program + ": run scripts/install-test-tools"))
                .toFile();
    }

    /** In this tab, from now on. */
    private void beforeEveryPage(String script) {
        browser.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
    }

    private void dark() {
        media(Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
    }

    private void phone() {
        media(Map.of("features", List.of()));
        browser.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 390, "height", 780, "deviceScaleFactor", 2, "mobile", true));
    }

    private void media(Map<String, Object> features) {
        browser.executeCdpCommand("Emulation.setEmulatedMedia", features);
    }

    /** The agent sees one open conversation: this browser's. */
    private String conversation() {
        return ana.conversationOf(Widget.address(secret()));
    }

    /** What makes this browser a visitor; empty before it is one. */
    private String secret() {
        return (String) browser.executeScript(
                "return localStorage.getItem(Object.keys(localStorage).find((key) => key.endsWith(' secret'))) ?? ''");
    }

    private void types(CharSequence... keys) {
        new Actions(browser).sendKeys(keys).perform();
    }

    private String focused() {
        return (String) browser.executeScript(
                "return document.getElementById('handoff-chat').shadowRoot.activeElement?.dataset.testid");
    }

    private void seen(String from, String text) {
        Await.until(
                "'" + text + "' is shown from " + from,
                () -> textsFrom(from).stream().anyMatch(shown -> shown.contains(text)));
    }

    private List<String> textsFrom(String from) {
        return all("message").stream()
                .filter(message -> message.getAttribute("data-from").equals(from))
                .map(message -> message.findElement(By.cssSelector(".text")).getText())
                .toList();
    }

    private WebElement one(String testId) {
        return widget().findElement(By.cssSelector("[data-testid='" + testId + "']"));
    }

    private List<WebElement> all(String testId) {
        return widget().findElements(By.cssSelector("[data-testid='" + testId + "']"));
    }

    private SearchContext widget() {
        return browser.findElement(By.id("handoff-chat")).getShadowRoot();
    }

    /** Kept beside the test reports, to be looked at by people. */
    private void picture(String name) throws IOException {
        Path pictures = Files.createDirectories(Path.of("target", "screenshots"));
        Files.write(pictures.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
    }
}

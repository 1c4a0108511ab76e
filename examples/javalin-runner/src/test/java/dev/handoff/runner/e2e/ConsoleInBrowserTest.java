package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A newcomer plays both sides in one browser: the customer's phone beside the agents' console. */
class ConsoleInBrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static RunnerProcess runner;
    private static Chromium chromium;

    private ChromeDriver browser;
    private String console;
    private String phone;

    @BeforeAll
    static void startRunner() {
        chromium = Chromium.installed();
        Map<String, String> settings = new HashMap<>(TestDatabase.H2.fresh());
        settings.put("HANDOFF_AGENTS", "ana:agent:" + RunnerProcess.ANA + ",sam:supervisor:" + RunnerProcess.SAM);
        settings.put("HANDOFF_AGENT_CAPACITY", "50"); // the tests share one ana
        runner = RunnerProcess.start(settings);
    }

    @AfterAll
    static void stopRunner() {
        if (runner != null) {
            runner.close();
        }
    }

    @BeforeEach
    void openBothSides() throws IOException {
        Path profile = Files.createTempDirectory("handoff-chromium-");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.browser().toFile());
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
                "--window-size=1440,900",
                "--user-data-dir=" + profile);
        browser = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(chromium.driver().toFile())
                        .usingAnyFreePort()
                        .build(),
                options);
        browser.get(runner.baseUrl() + "/#token=" + RunnerProcess.ANA);
        console = browser.getWindowHandle();
        browser.switchTo().newWindow(org.openqa.selenium.WindowType.WINDOW);
        browser.get(runner.baseUrl() + "/customer#token=" + RunnerProcess.ANA);
        phone = browser.getWindowHandle();
    }

    @AfterEach
    void closeBrowser() {
        if (browser != null) {
            browser.quit();
        }
    }

    @Test
    void both_sides_of_the_whole_story_can_be_played() throws IOException {
        on(phone);
        customerWrites("oi");
        seen("sim-message", "echo: oi");
        customerWrites("quero falar com um atendente");
        seen("sim-message", "Vou chamar uma pessoa.");

        on(console);
        click("tab-queue");
        click("conversation");
        seen("message-text", "quero falar com um atendente");
        click("action-take");
        type("composer-text", "Oi! Aqui é a Ana.");
        click("composer-send");
        seen("message-text", "Oi! Aqui é a Ana.");

        on(phone);
        seen("sim-message", "Oi! Aqui é a Ana.");
        customerWrites("obrigada <b>Ana</b>");

        on(console);
        seen("message-text", "obrigada <b>Ana</b>");
        picture("console-assigned");
        click("action-release");
        click("dialog-confirm");
        Await.until(
                "the conversation is the bot's again",
                PATIENCE,
                () -> one("thread-status").getAttribute("data-status").equals("PROGRESS"));

        on(phone);
        seen("sim-message", "Você voltou ao assistente.");
        picture("phone");
    }

    @Test
    void what_was_said_while_an_agent_was_signed_out_is_there_when_they_come_back() {
        String customer = newCustomer();
        String id = heldByAna(customer);
        open(id);
        seen("message-text", "quero falar com uma pessoa");

        click("signout");
        seen("signin", "");
        says(customer, "alguém aí?");
        type("signin-token", RunnerProcess.ANA);
        click("signin-submit");

        seen("message-text", "alguém aí?");
    }

    @Test
    void a_socket_that_died_in_silence_is_found_out_when_the_network_is_back() {
        String customer = newCustomer();
        String id = heldByAna(customer);
        open(id);
        beforeAnyScript("""
                window.WebSocket = class {
                  static OPEN = 1;
                  readyState = 1;
                  constructor() { setTimeout(() => this.onopen()); }
                  close() { this.readyState = 3; }
                };
                """);
        Await.until(
                "the socket is believed to be open",
                PATIENCE,
                () -> "live".equals(one("connection").getAttribute("data-state")));
        long before = messagesInTheFeed(id);
        says(customer, "ouviu?");
        Await.until("the feed has it", PATIENCE, () -> messagesInTheFeed(id) == before + 1);

        browser.executeScript("window.dispatchEvent(new Event('online'))");

        seen("message-text", "ouviu?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Promise.reject(new TypeError('the network is away'))",
                "Promise.resolve(new Response('<p>what a proxy says</p>'))",
                "Promise.resolve(new Response('{}', { status: 503 }))"
            })
    void a_history_that_could_not_be_read_once_is_read_again(String failure) {
        String customer = newCustomer();
        open(heldByAna(customer));
        seen("message-text", "quero falar com uma pessoa");
        browser.executeScript("""
                const real = window.fetch;
                window.failures = 0;
                window.fetch = (path, ...rest) =>
                  path.includes("/messages?") && window.failures++ === 0 ? FAILURE : real(path, ...rest);
                """.replace("FAILURE", failure));

        says(customer, "chegou?");

        seen("message-text", "chegou?");
        assertThat(number("return window.failures")).isGreaterThan(1);
    }

    @Test
    void a_note_whose_answer_was_lost_is_written_once_though_it_is_sent_again() {
        String id = heldByAna(newCustomer());
        open(id);
        seen("message-text", "quero falar com uma pessoa");
        browser.executeScript("""
                const real = window.fetch;
                window.lost = 0;
                window.fetch = async (path, ...rest) => {
                  const answer = await real(path, ...rest);
                  if (path.endsWith("/notes") && window.lost++ === 0) throw new TypeError("the network is away");
                  return answer;
                };
                """);
        click("mode-note");
        type("composer-text", "cliente antigo");
        click("composer-send");
        Await.until("the loss is told", PATIENCE, () -> one("notice").isDisplayed());

        click("composer-send");

        Await.until(
                "the note is taken",
                PATIENCE,
                () -> one("composer-text").getAttribute("value").isEmpty());
        assertThat(runner.as(RunnerProcess.ANA).messages(id))
                .filteredOn(message -> message.path("text").asText().equals("cliente antigo"))
                .hasSize(1);
    }

    @Test
    void a_message_that_arrives_while_its_conversation_is_being_opened_is_shown() {
        String customer = newCustomer();
        String id = heldByAna(customer);
        on(console);
        Await.until("the console is there", PATIENCE, () -> one("me").isDisplayed());
        browser.executeScript("""
                const [id, real] = [arguments[0], window.fetch];
                window.refreshes = 0;
                window.held = [];
                window.fetch = async (path, ...rest) => {
                  const answer = await real(path, ...rest);
                  if (path === "/api/queue") window.refreshes++;
                  if (path === `/api/conversations/${id}` && !window.released) await new Promise((go) => window.held.push(go));
                  return answer;
                };
                location.hash = `#/c/${id}`;
                """, id);
        Await.until("its state is on its way", PATIENCE, () -> number("return window.held.length") > 0);
        long before = number("return window.refreshes");
        says(customer, "mais uma coisa");
        Await.until("the console has heard of it", PATIENCE, () -> number("return window.refreshes") > before);

        browser.executeScript("window.released = true; window.held.forEach((go) => go())");

        seen("message-text", "mais uma coisa");
    }

    @Test
    void the_librarys_own_reasons_are_shown_in_words() {
        open(heldByAna(newCustomer()));

        Await.until(
                "the reason is shown",
                PATIENCE,
                () -> !one("details-reason").getText().isEmpty());

        assertThat(one("details-reason").getText()).doesNotContain("customer_request");
    }

    /** A conversation that ana holds, with a customer of this name. */
    private static String heldByAna(String customer) {
        says(customer, "quero falar com uma pessoa");
        String id =
                runner.as(RunnerProcess.ANA).conversationOf(customer).path("id").asText();
        assertThat(runner.as(RunnerProcess.ANA).command(id, "takeover").status())
                .isEqualTo(200);
        return id;
    }

    private static long messagesInTheFeed(String id) {
        return runner.as(RunnerProcess.ANA).events(id).stream()
                .filter(event -> event.path("type").asText().equals("new_message"))
                .count();
    }

    private static String newCustomer() {
        return "customer-" + UUID.randomUUID();
    }

    private static void says(String customer, String text) {
        Api.Answer answer = runner.as(RunnerProcess.ANA)
                .post("/simulator/messages", Api.json().put("from", customer).put("text", text));
        assertThat(answer.status()).isEqualTo(202);
    }

    /** Shows a conversation in the console. */
    private void open(String id) {
        on(console);
        browser.executeScript("location.hash = `#/c/${arguments[0]}`", id);
    }

    /** Loads the page anew, with this in it from the beginning. */
    private void beforeAnyScript(String script) {
        browser.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
        browser.navigate().refresh();
    }

    private long number(String script) {
        return (Long) browser.executeScript(script);
    }

    private void on(String window) {
        browser.switchTo().window(window);
    }

    private void customerWrites(String text) {
        type("sim-text", text);
        click("sim-send");
    }

    private void type(String testId, String text) {
        Await.until("one can type into " + testId, PATIENCE, () -> {
            WebElement field = one(testId);
            if (!field.isDisplayed() || !field.isEnabled()) {
                return false;
            }
            field.clear();
            field.sendKeys(text);
            return true;
        });
    }

    private void click(String testId) {
        Await.until("one can click " + testId, PATIENCE, () -> {
            for (WebElement element : all(testId)) {
                if (element.isDisplayed() && element.isEnabled()) {
                    element.click();
                    return true;
                }
            }
            return false;
        });
    }

    private void seen(String testId, String text) {
        Await.until(
                "'" + text + "' is shown in " + testId,
                PATIENCE,
                () -> all(testId).stream().anyMatch(element -> element.getText().contains(text)));
        assertThat(all(testId)).isNotEmpty();
    }

    private WebElement one(String testId) {
        return browser.findElement(By.cssSelector("[data-testid='" + testId + "']"));
    }

    private List<WebElement> all(String testId) {
        return browser.findElements(By.cssSelector("[data-testid='" + testId + "']"));
    }

    /** Kept beside the test reports, to be looked at by people. */
    private void picture(String name) throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "screenshots"));
        Files.write(folder.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
    }
}

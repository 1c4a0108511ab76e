package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

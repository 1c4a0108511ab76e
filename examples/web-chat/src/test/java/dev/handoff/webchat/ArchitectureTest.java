package dev.handoff.webchat;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this room may lean on, checked on its main code. */
@AnalyzeClasses(packages = "dev.handoff.webchat", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_inside_of_the_core_is_not_for_others =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("dev.handoff.internal..");

    @ArchTest
    static final ArchRule the_service_runs_without_test_doubles =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("dev.handoff.testing..");

    @ArchTest
    static final ArchRule the_chat_does_not_know_its_host = noClasses()
            .that()
            .resideInAPackage("dev.handoff.webchat")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.handoff.webchat.host..");

    @ArchTest
    static final ArchRule time_is_the_stores = noClasses()
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule names_say_what_a_class_is_for =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");
}

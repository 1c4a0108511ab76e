package dev.handoff.twilio;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this room may lean on, checked on its main code. */
@AnalyzeClasses(packages = "dev.handoff.twilio", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_inside_of_the_core_is_not_for_others = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.handoff.internal..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule the_channel_knows_no_store_and_no_web_framework = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.handoff.jdbi..", "io.javalin..", "jakarta.servlet..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule names_say_what_a_class_is_for = noClasses()
            .should()
            .haveNameMatching(".*(Manager|Helper|Utils?|Impl)")
            .allowEmptyShould(true);
}
